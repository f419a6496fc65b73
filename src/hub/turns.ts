/** Work that others wait behind: until it calls `begun`, or settles where it does not. */
export type Work = (begun: () => void) => Promise<void>;

/** Begins what a client asks for in the order in which it asks, each when the one before has begun. */
export class Turns {
  readonly #waiting: Work[] = [];
  #isTaken = false;

  /** Begins work, which never rejects: at once where nothing else is to begin first. */
  take(work: Work): void {
    if (this.#isTaken) this.#waiting.push(work);
    else this.#begin(work);
  }

  #begin(work: Work): void {
    this.#isTaken = true;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      this.#isTaken = false;
      this.#beginNext();
    };
    void work(over).then(over);
  }

  #beginNext(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
  }
}
