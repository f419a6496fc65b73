/** Runs at most `limit` jobs at a time; the others wait in the order in which they came. */
export class ConcurrencyLimiter {
  readonly #limit: number;
  readonly #waiting: Array<(done: () => void) => void> = [];
  #running = 0;

  /** @param limit - At least 1; Infinity for no limit. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts `job` now or when there is room; it calls `done` once when it has ended. */
  run(job: (done: () => void) => void): void {
    if (this.#running < this.#limit) this.#start(job);
    else this.#waiting.push(job);
  }

  #start(job: (done: () => void) => void): void {
    this.#running++;
    job(() => {
      this.#running--;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next);
    });
  }
}
