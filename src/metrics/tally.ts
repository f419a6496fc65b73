interface Count {
  readonly values: readonly string[];
  count: number;
}

/** Counts by one label or by two, for little: what is counted is looked at when it is read. */
export class Tally {
  /** Map in map: strings that were put together for each message would cost more than all the rest. */
  readonly #counts = new Map<string, Map<string | undefined, Count>>();

  /** Adds to the count of these values of the labels. */
  add(count: number, first: string, second?: string): void {
    const entry = this.#counts.get(first)?.get(second);
    if (entry === undefined) this.#begin(count, first, second);
    else entry.count += count;
  }

  /** Hands out what was counted since the last time. */
  take(use: (values: readonly string[], count: number) => void): void {
    for (const entries of this.#counts.values()) {
      for (const entry of entries.values()) {
        const { values, count } = entry;
        entry.count = 0;
        use(values, count);
      }
    }
  }

  #begin(count: number, first: string, second: string | undefined): void {
    const values = second === undefined ? [first] : [first, second];
    const entries = this.#counts.get(first) ?? new Map<string | undefined, Count>();
    entries.set(second, { values, count });
    this.#counts.set(first, entries);
  }
}
