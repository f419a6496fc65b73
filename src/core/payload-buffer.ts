/** Makes memory of `length` bytes, whose content does not matter. */
export type Allocate = (length: number) => Uint8Array;

/** While a frame is incomplete, its buffer is at most this many times the bytes that came. */
const MAX_GROWTH = 4;

/** What may stay unused behind a payload, as a part of its length, before it is copied into exact memory. */
const MAX_SLACK = 1 / 8;

/** Collects a payload that comes in pieces: one buffer that grows with the bytes that came, never by promises. */
export class PayloadBuffer {
  readonly #allocate: Allocate;
  #bytes: Uint8Array | undefined;
  #length = 0;

  constructor(allocate: Allocate) {
    this.#allocate = allocate;
  }

  /** Bytes collected so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Copies `source` from `start` to `end` behind what is there.
   *
   * @param promised - Bytes that are still to come after these, by the header of their frame.
   * @param more - Whether further frames may follow with an unknown number of bytes.
   */
  append(source: Uint8Array, start: number, end: number, promised: number, more: boolean): void {
    const needed = this.#length + (end - start);
    if (this.#bytes === undefined || needed > this.#bytes.length) this.#grow(needed, promised, more);
    copy(source, start, end, this.#bytes!, this.#length);
    this.#length = needed;
  }

  /** Hands over the payload, in memory of its own, and is empty again. */
  take(): Uint8Array {
    const bytes = this.#bytes ?? this.#allocate(0);
    const length = this.#length;
    this.#bytes = undefined;
    this.#length = 0;
    if (bytes.length === length) return bytes;
    if (bytes.length - length <= length * MAX_SLACK) return bytes.subarray(0, length);
    return this.#copyOf(bytes, length, length);
  }

  #grow(needed: number, promised: number, more: boolean): void {
    const forThisFrame = Math.min(needed + promised, needed * MAX_GROWTH);
    // Doubling keeps a message of a million small fragments linear.
    const forMoreFrames = more && this.#length > 0 ? needed * 2 : needed;
    const capacity = Math.max(forThisFrame, forMoreFrames);
    this.#bytes =
      this.#bytes === undefined
        ? this.#allocate(capacity)
        : this.#copyOf(this.#bytes, this.#length, capacity);
  }

  #copyOf(bytes: Uint8Array, length: number, capacity: number): Uint8Array {
    const target = this.#allocate(capacity);
    target.set(bytes.subarray(0, length));
    return target;
  }
}

/** Below this many bytes a loop is faster than `set`, which needs a view of the source. */
const LOOP_MAX_BYTES = 48;

function copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > LOOP_MAX_BYTES) {
    target.set(source.subarray(start, end), at);
    return;
  }
  for (let i = start; i < end; i++) target[at + i - start] = source[i]!;
}
