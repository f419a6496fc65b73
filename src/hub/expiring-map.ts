/** A map whose values go by themselves some time after they were set; it has no timer. */
export class ExpiringMap<Value> {
  readonly #ageMs: number;
  readonly #now: () => number;
  /** In the order in which they were set, which is that in which they go. */
  readonly #values = new Map<string, { readonly value: Value; readonly until: number }>();

  /** @param now - A clock in milliseconds. */
  constructor(ageMs: number, now: () => number = Date.now) {
    this.#ageMs = ageMs;
    this.#now = now;
  }

  get(key: string): Value | undefined {
    this.#expire();
    return this.#values.get(key)?.value;
  }

  set(key: string, value: Value): void {
    this.#expire();
    this.#values.delete(key);
    this.#values.set(key, { value, until: this.#now() + this.#ageMs });
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }

  #expire(): void {
    for (const [key, { until }] of this.#values) {
      if (until > this.#now()) return;
      this.#values.delete(key);
    }
  }
}
