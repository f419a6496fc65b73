import type { Duplex } from 'node:stream';
import type { Refusal } from '../handshake/server-handshake.ts';
import { refuse } from '../node/raw-server.ts';
import { DEFAULTS } from './options.ts';

/** The answer to a client that may come back: there is no room for it now (RFC 9110 §15.6.4, §10.2.3). */
export const UNAVAILABLE: Refusal = {
  statusCode: 503,
  message: '',
  headers: { 'Retry-After': DEFAULTS.retryAfterSeconds },
};

/** The sockets of requests to upgrade over which something of the application is deciding. */
export class PendingUpgrades {
  readonly #timers = new Map<Duplex, NodeJS.Timeout | undefined>();
  readonly #onClose: (this: Duplex) => void;

  constructor() {
    const pending = this;
    this.#onClose = function () {
      pending.delete(this);
    };
  }

  /** Refuses `socket` when it is not decided in time; a time of 0 is no limit. */
  add(socket: Duplex, timeoutMs: number): void {
    if (this.#timers.has(socket)) return;
    const timer = timeoutMs > 0 ? setTimeout(() => this.#refuse(socket), timeoutMs) : undefined;
    this.#timers.set(socket, timer);
    socket.once('close', this.#onClose);
  }

  /** It is decided, or never was waited for. */
  delete(socket: Duplex): void {
    if (!this.#timers.has(socket)) return;
    clearTimeout(this.#timers.get(socket));
    this.#timers.delete(socket);
    socket.off('close', this.#onClose);
  }

  refuseAll(): void {
    for (const socket of this.#timers.keys()) this.#refuse(socket);
  }

  #refuse(socket: Duplex): void {
    this.delete(socket);
    refuse(socket, UNAVAILABLE);
  }
}
