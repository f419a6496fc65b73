import { exposeInterface } from './idl-interface.ts';
import { requireArguments, toUnsignedShort, toUsvString } from './webidl.ts';

type EventInit = NonNullable<ConstructorParameters<typeof Event>[1]>;

export interface CloseEventInit extends EventInit {
  wasClean?: boolean | undefined;
  code?: number | undefined;
  reason?: string | undefined;
}

/** Says how a connection ended (https://websockets.spec.whatwg.org/#the-closeevent-interface). */
export class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit | null = {}) {
    // biome-ignore lint/complexity/noArguments: an argument left out is not one that is undefined
    requireArguments(arguments.length, 1, 'CloseEvent constructor');
    super(type, init ?? {});
    const { code = 0, reason = '', wasClean = false } = init ?? {};
    this.#code = toUnsignedShort(code);
    this.#reason = toUsvString(reason);
    this.#wasClean = Boolean(wasClean);
  }

  /** Whether the closing handshake was completed. */
  get wasClean(): boolean {
    return this.#wasClean;
  }

  /** The close code: 1005 when the peer sent none, 1006 when the connection failed. */
  get code(): number {
    return this.#code;
  }

  /** The peer's reason, or ''. */
  get reason(): string {
    return this.#reason;
  }
}

exposeInterface(CloseEvent, 'CloseEvent', ['wasClean', 'code', 'reason']);
