/**
 * Tells whether frames come faster than so many a second, of which one second's worth may come at once: a bucket of
 * tokens, kept as the one time at which it will be full again.
 */
export class FrameRate {
  readonly #perFrameMs: number;
  readonly #now: () => number;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param perSecond - More than 0.
   * @param now - The time in milliseconds, which never goes back.
   */
  constructor(perSecond: number, now: () => number) {
    this.#perFrameMs = 1000 / perSecond;
    this.#now = now;
  }

  /** Counts a frame that came; returns whether it is one too many. */
  exceeded(): boolean {
    const now = this.#now();
    this.#fullAtMs = Math.max(this.#fullAtMs, now) + this.#perFrameMs;
    // A thousandth of a millisecond for what the additions round.
    return this.#fullAtMs - now > 1000.001;
  }
}
