import type { Duplex } from 'node:stream';
import type { OpeningDecision, Refusal } from '../handshake/server-handshake.ts';

/** How long a refused client may take, or go on sending, before it is cut off, in milliseconds. */
export const REFUSED_LINGER_MS = 2_000;

/** What a server tells a client that it takes. */
export interface Acceptance {
  readonly subprotocol: string | undefined;
  /** The value of Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  /** Called with the lines of the response before it is written; they may be changed. */
  onLines(lines: string[]): void;
  /** Whether Node's internals may be used; default true. */
  readonly fastPath: boolean | undefined;
}

/** What brought a server a request to open a WebSocket, and takes its answer: HTTP/1.1 or HTTP/2. */
export interface ServerCarrier {
  /** What is to carry the connection. */
  readonly socket: Duplex;
  /** Whether an answer would reach the client, as far as that is known. */
  readonly isOpen: boolean;
  /** Checks whether the request is an opening handshake. */
  check(): OpeningDecision;
  /**
   * Answers with an HTTP response, and ends the socket.
   *
   * @throws {TypeError | RangeError} The refusal is no response; the socket is destroyed then.
   */
  refuse(refusal: Refusal): void;
  /**
   * Writes the response that accepts; destroys the socket of a client that has gone meanwhile.
   *
   * @throws {TypeError} A line is no header. What this and `onLines` throw destroys the socket first.
   */
  accept(acceptance: Acceptance): void;
}

/** Returns what `make` makes. What it throws is the application's fault: its client is not left waiting. */
export function orDestroy<T>(socket: Duplex, make: () => T): T {
  try {
    return make();
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
