import type { PayloadMemory } from './payload-memory.ts';

/** While a frame is incomplete, its buffer is at most this many times the bytes that came. */
const MAX_GROWTH = 4;

/** What may stay unused behind a payload, as a part of its length, before it is copied into exact memory. */
const MAX_SLACK = 1 / 8;

/** Collects a payload that comes in pieces: one buffer that grows with the bytes that came, never by promises. */
export class PayloadBuffer {
  readonly #memory: PayloadMemory;
  #bytes: Uint8Array | undefined;
  #length = 0;

  constructor(memory: PayloadMemory) {
    this.#memory = memory;
  }

  /** Bytes collected so far. */
  get length(): number {
    return this.#length;
  }

  /** What was collected; it moves as it grows. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  /**
   * Copies `source` from `start` to `end` behind what is there, unmasked with `key`; what `source` has there is lost.
   *
   * @param key - The masking key, turned so that its highest 8 bits are for the byte at `start`; 0 for none.
   * @param promised - Bytes that are still to come after these, by the header of their frame.
   * @param more - Whether further frames may follow with an unknown number of bytes.
   */
  append(source: Uint8Array, start: number, end: number, key: number, promised: number, more: boolean): void {
    if (this.#bytes === undefined && promised === 0 && !more) {
      this.#bytes = this.#memory.takeUnmasked(source, start, end, key);
      this.#length = end - start;
      return;
    }
    if (key !== 0) this.#memory.unmask(source, start, end, key, 0);
    const needed = this.#length + (end - start);
    if (this.#bytes === undefined || needed > this.#bytes.length) this.#grow(needed, promised, more);
    this.#bytes!.set(source.subarray(start, end), this.#length);
    this.#length = needed;
  }

  /** Hands over the payload, in memory of its own, and is empty again. */
  take(): Uint8Array {
    const bytes = this.#bytes ?? this.#memory.allocate(0);
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
        ? this.#memory.allocate(capacity)
        : this.#copyOf(this.#bytes, this.#length, capacity);
  }

  #copyOf(bytes: Uint8Array, length: number, capacity: number): Uint8Array {
    const target = this.#memory.allocate(capacity);
    target.set(bytes.subarray(0, length));
    return target;
  }
}
