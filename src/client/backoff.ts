import type { Retry } from '../wire/hub-close-code.ts';

export interface BackoffSettings {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly delayFactor: number;
  readonly maxRetries: number;
}

/** When to try again: exponential, with full jitter, so that clients that were cut off together do not come back together. */
export class Backoff {
  readonly #settings: BackoffSettings;
  #retries = 0;

  constructor(settings: BackoffSettings) {
    this.#settings = settings;
  }

  /** Attempts since {@link reset}, without the first one. */
  get retries(): number {
    return this.#retries;
  }

  /** Returns how long to wait before the next attempt, in whole milliseconds; `undefined` when there is none any more. */
  next(retry: Exclude<Retry, 'never'>): number | undefined {
    const { minDelayMs, maxDelayMs, delayFactor, maxRetries } = this.#settings;
    if (this.#retries >= maxRetries) return undefined;
    const longest = Math.min(maxDelayMs, minDelayMs * delayFactor ** this.#retries);
    const jitter = Math.round(Math.random() * longest);
    this.#retries++;
    return retry === 'later' ? maxDelayMs + jitter : jitter;
  }

  /** Begins again: a connection has held, or somebody knows more. */
  reset(): void {
    this.#retries = 0;
  }
}
