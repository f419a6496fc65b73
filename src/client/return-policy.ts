import type { Retry } from '../wire/hub-close-code.ts';
import { Backoff } from './backoff.ts';
import type { Settings } from './options.ts';
import { retryAfter, UNAUTHORIZED } from './retry-after.ts';
import type { Close } from './websocket-shape.ts';

/** How a client comes back. */
export interface Return {
  readonly delayMs: number;
  /** Which retry it is, from 1; 0 for one that is not counted. */
  readonly attempt: number;
  /** Whether it may be brought forward: the server did not ask for time. */
  readonly mayHurry: boolean;
}

/** Decides whether a client comes back after a close, and when. */
export class ReturnPolicy {
  readonly #settings: Settings;
  readonly #backoff: Backoff;
  /** How often it comes back after 4401 before a connection holds. */
  #reauthorizations = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#backoff = new Backoff(settings);
    this.reset();
  }

  /** Retries since the last connection that held. */
  get retries(): number {
    return this.#backoff.retries;
  }

  /** Counts anew. */
  reset(): void {
    this.#backoff.reset();
    this.#reauthorizations = this.#settings.retryUnauthorized ? 1 : 0;
  }

  /** Returns when to come back, or why not. */
  after(close: Close, isOffline: boolean): Return | 'refused' | 'exhausted' {
    const retry = this.#retryAfter(close);
    if (retry === 'never') return 'refused';
    const mayHurry = retry === 'now';
    // Browsers are wrong about the network now and then, and this machine itself is always in reach.
    if (isOffline) return { delayMs: this.#settings.maxDelayMs, attempt: 0, mayHurry };
    const delayMs = this.#backoff.next(retry);
    return delayMs === undefined ? 'exhausted' : { delayMs, attempt: this.retries, mayHurry };
  }

  #retryAfter(close: Close): Retry {
    const { shouldReconnect } = this.#settings;
    const retry = retryAfter(close.code);
    if (close.code === UNAUTHORIZED && this.#reauthorizations > 0) {
      this.#reauthorizations--;
      return 'now';
    }
    if (shouldReconnect === undefined) return retry;
    if (!shouldReconnect(close)) return 'never';
    return retry === 'never' ? 'now' : retry;
  }
}
