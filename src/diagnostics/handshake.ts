import type { IncomingMessage } from 'node:http';
import type { Role } from '../core/index.ts';
import { handshakeEnd, handshakeRefused, handshakeStart, publish } from './channels.ts';

/** One opening handshake: the same object from its start to its end, which fills it in. */
export interface Handshake {
  readonly role: Role;
  /** What a client asks for, or the path of the request that came. Its query may hold what is secret. */
  readonly url: string | undefined;
  /** The request that came to a server, if it was one to upgrade. */
  readonly request: IncomingMessage | undefined;
  /** When it began, as `performance.now()` has it. */
  readonly startedAtMs: number;
  /** How long it took; `undefined` before it is over. */
  readonly durationMs: number | undefined;
  /** Whose it is: a client's from the start, a server's at the end. */
  readonly websocket: object | undefined;
  /** The status of the response; `undefined` before it, and without one. */
  readonly statusCode: number | undefined;
  /** Why it failed, where there is an error. */
  readonly error: Error | undefined;
}

const SWITCHING_PROTOCOLS = 101;

type Outcome = Pick<Handshake, 'websocket' | 'statusCode' | 'error'>;

/** Tells of one opening handshake, once how it began and once how it ended. */
export class HandshakeTrace {
  readonly #handshake: { -readonly [Name in keyof Handshake]: Handshake[Name] };

  private constructor(begun: Pick<Handshake, 'role' | 'url' | 'request' | 'websocket'>) {
    this.#handshake = {
      ...begun,
      startedAtMs: performance.now(),
      durationMs: undefined,
      statusCode: undefined,
      error: undefined,
    };
  }

  /** Begins to trace; returns nothing when nobody listens to handshakes. */
  static begin(
    role: Role,
    url: string | undefined,
    { request, websocket }: Partial<Pick<Handshake, 'request' | 'websocket'>>,
  ): HandshakeTrace | undefined {
    if (!(handshakeStart.hasSubscribers || handshakeEnd.hasSubscribers || handshakeRefused.hasSubscribers)) {
      return undefined;
    }
    const trace = new HandshakeTrace({ role, url, request, websocket });
    if (handshakeStart.hasSubscribers) publish(handshakeStart, trace.#handshake);
    return trace;
  }

  /** It succeeded. */
  succeed(websocket: object | undefined): void {
    if (!this.#finish({ websocket, statusCode: SWITCHING_PROTOCOLS, error: undefined })) return;
    if (handshakeEnd.hasSubscribers) publish(handshakeEnd, this.#handshake);
  }

  /** It ended otherwise; only the first end counts. */
  refuse(statusCode: number | undefined, error?: Error): void {
    const { websocket } = this.#handshake;
    if (!this.#finish({ websocket, statusCode, error })) return;
    if (handshakeRefused.hasSubscribers) publish(handshakeRefused, this.#handshake);
  }

  /** Fills in how it ended; returns false when that is known already. */
  #finish(outcome: Outcome): boolean {
    const handshake = this.#handshake;
    if (handshake.durationMs !== undefined) return false;
    Object.assign(handshake, outcome, { durationMs: performance.now() - handshake.startedAtMs });
    return true;
  }
}
