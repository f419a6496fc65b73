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

  add(socket: Duplex): void {
    if (!this.#timers.has(socket)) this.#timers.set(socket, undefined);
  }

  /** Refuses what is not decided in time, if it is not decided yet; a time of 0 is no limit. */
  limit(socket: Duplex, timeoutMs: number): void {
    if (!this.#timers.has(socket)) return;
    socket.once('close', this.#onClose);
    if (timeoutMs > 0)
      this.#timers.set(
        socket,
        setTimeout(() => this.#refuse(socket), timeoutMs),
      );
  }

  /** It is decided. */
  delete(socket: Duplex): void {
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
