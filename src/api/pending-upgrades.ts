import type { Duplex } from 'node:stream';
import type { Refusal } from '../handshake/server-handshake.ts';
import type { ServerCarrier } from '../node/server-carrier.ts';
import { DEFAULTS } from './options.ts';

/** The answer to a client that may come back: there is no room for it now (RFC 9110 §15.6.4, §10.2.3). */
export const UNAVAILABLE: Refusal = {
  statusCode: 503,
  message: '',
  headers: { 'Retry-After': DEFAULTS.retryAfterSeconds },
};

/** A request that waits, with what refuses it in time. */
interface Waiting {
  readonly carrier: ServerCarrier;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The requests to open a WebSocket over which something of the application is deciding, by their sockets. */
export class PendingUpgrades {
  readonly #waiting = new Map<Duplex, Waiting>();
  readonly #onClose: (this: Duplex) => void;

  constructor() {
    const pending = this;
    this.#onClose = function () {
      pending.delete(this);
    };
  }

  /** Refuses a request when it is not decided in time; a time of 0 is no limit. */
  add(carrier: ServerCarrier, timeoutMs: number): void {
    const { socket } = carrier;
    if (this.#waiting.has(socket)) return;
    const timer = timeoutMs > 0 ? setTimeout(() => this.#refuse(carrier), timeoutMs) : undefined;
    this.#waiting.set(socket, { carrier, timer });
    socket.once('close', this.#onClose);
  }

  /** It is decided, or never was waited for. */
  delete(socket: Duplex): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(socket);
    socket.off('close', this.#onClose);
  }

  refuseAll(): void {
    for (const { carrier } of this.#waiting.values()) this.#refuse(carrier);
  }

  #refuse(carrier: ServerCarrier): void {
    this.delete(carrier.socket);
    carrier.refuse(UNAVAILABLE);
  }
}
