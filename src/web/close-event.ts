import { exposeInterface } from './idl-interface.ts';
import { requireArguments, toUnsignedShort, toUsvString } from './webidl.ts';

type EventInit = NonNullable<ConstructorParameters<typeof Event>[1]>;

export interface CloseEventInit extends EventInit {
  wasClean?: boolean | undefined;
  code?: number | undefined;
  reason?: string | undefined;
}

/**
 * Says how a connection ended (https://websockets.spec.whatwg.org/#the-closeevent-interface). As a type it is no class,
 * so that it is the same as the one of TypeScript's DOM library.
 */
export interface CloseEvent extends Event {
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
  /** The close code: 1005 when the peer sent none, 1006 when the connection failed. */
  readonly code: number;
  /** The peer's reason, or ''. */
  readonly reason: string;
}

export const CloseEvent: {
  new (type: string, init?: CloseEventInit | null): CloseEvent;
  readonly prototype: CloseEvent;
} = class extends Event {
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

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
};

exposeInterface(CloseEvent, 'CloseEvent', ['wasClean', 'code', 'reason']);
