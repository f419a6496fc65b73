import { Deferred } from './deferred.ts';

/** Values for who asks for them one by one, now or when they come; then the end, or an error. */
export class AsyncQueue<Value> {
  readonly #values: Value[] = [];
  readonly #takers: Array<Deferred<IteratorResult<Value, undefined>>> = [];
  /** How it ends; an error is told once. */
  #end: { readonly error: unknown } | 'done' | undefined;

  /** How many values wait. */
  get length(): number {
    return this.#values.length;
  }

  /** Whether there is nobody to whom a value would go at once. */
  get keeps(): boolean {
    return this.#takers.length === 0;
  }

  /** Gives a value to who waits longest, or keeps it. It has not ended. */
  push(value: Value): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker.resolve({ value, done: false });
  }

  /** Ends it behind the values that wait. */
  end(): void {
    this.#end ??= 'done';
    for (const taker of this.#takers.splice(0)) taker.resolve({ value: undefined, done: true });
  }

  /** Ends it behind the values that wait, with an error for one who asks. */
  fail(error: unknown): void {
    const taker = this.#takers.shift();
    taker?.reject(error);
    this.#end ??= taker === undefined ? { error } : 'done';
    this.end();
  }

  /** Takes out all that waits. */
  clear(): Value[] {
    return this.#values.splice(0);
  }

  /** Returns the next value, or the end; rejects with the error. */
  async take(): Promise<IteratorResult<Value, undefined>> {
    if (this.#values.length > 0) return { value: this.#values.shift()!, done: false };
    const end = this.#end;
    if (end === undefined) {
      const taker = new Deferred<IteratorResult<Value, undefined>>();
      this.#takers.push(taker);
      return taker.promise;
    }
    this.#end = 'done';
    if (end !== 'done') throw end.error;
    return { value: undefined, done: true };
  }
}
