import { applyMask } from './masking.ts';

/** Makes memory of `length` bytes, whose content does not matter. */
export type Allocate = (length: number) => Uint8Array;

/** How payloads come out of the chunks that bring them; the platform may have faster ways than ours. */
export interface PayloadMemory {
  readonly allocate: Allocate;
  /** Does what {@link applyMask} does. */
  unmask(bytes: Uint8Array, start: number, end: number, key: number, phase: number): void;
  /** Returns `source` from `start` to `end` in memory of its own, unmasked with `key`; what `source` has there is lost. */
  takeUnmasked(source: Uint8Array, start: number, end: number, key: number): Uint8Array;
}

/** The plain way, in memory that `allocate` makes. */
export function plainPayloadMemory(allocate: Allocate): PayloadMemory {
  return {
    allocate,
    unmask: applyMask,
    takeUnmasked(source, start, end, key) {
      applyMask(source, start, end, key, 0);
      const bytes = allocate(end - start);
      bytes.set(source.subarray(start, end));
      return bytes;
    },
  };
}

/**
 * Copies `source` from `start` to `end` to `target` at `at`, unmasked with `key`: 4 bytes at a time, at any offset, which
 * only a DataView can.
 */
export function copyUnmasked(
  source: DataView,
  start: number,
  end: number,
  key: number,
  target: DataView,
  at: number,
): void {
  const distance = at - start;
  const wordsEnd = end - ((end - start) & 3);
  for (let i = start; i < wordsEnd; i += 4) target.setInt32(i + distance, source.getInt32(i) ^ key);
  for (let i = wordsEnd, shift = 24; i < end; i++, shift -= 8) {
    target.setUint8(i + distance, source.getUint8(i) ^ (key >>> shift));
  }
}
