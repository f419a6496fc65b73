import type { ClientHeartbeat } from './options.ts';

/** Asks the peer for a sign of life again and again, and tells when none comes. */
export class Heartbeat {
  readonly #options: ClientHeartbeat;
  readonly #send: (message: string) => void;
  readonly #onDead: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether anything came since the peer was asked; without a question out, `true`. */
  #heard = true;

  constructor(options: ClientHeartbeat, send: (message: string) => void, onDead: () => void) {
    this.#options = options;
    this.#send = send;
    this.#onDead = onDead;
    this.#rest();
  }

  /** Something came. */
  heard(): void {
    this.#heard = true;
  }

  /** Asks now: something happened that connections do not always survive. */
  ask(): void {
    if (!this.#heard) return;
    clearTimeout(this.#timer);
    const { message, timeoutMs = 10_000 } = this.#options;
    this.#heard = false;
    this.#timer = setTimeout(() => (this.#heard ? this.#rest() : this.#onDead()), timeoutMs);
    const text = typeof message === 'function' ? message() : message;
    if (text !== undefined) this.#send(text);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    this.#timer = setTimeout(() => this.ask(), this.#options.intervalMs ?? 25_000);
  }
}
