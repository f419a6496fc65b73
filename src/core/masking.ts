/**
 * Below this many bytes the plain loop is faster than setting up a 32-bit view (measured on Node 20:
 * bench/micro.mts, "unmask").
 */
const WORD_LOOP_MIN_BYTES = 64;

/**
 * Masks or unmasks `bytes` from `start` to `end` in place: the same operation (RFC 6455 §5.3).
 *
 * @param key - The masking key, its first byte in the highest 8 bits.
 * @param phase - Offset of `start` within the frame's payload, in bytes.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number, phase: number): void {
  const rotated = rotateKey(key, phase);
  if (end - start < WORD_LOOP_MIN_BYTES) applyMaskBytewise(bytes, start, end, rotated);
  else applyMaskWordwise(bytes, start, end, rotated);
}

/** Turns the key so that its first byte is the one for payload offset `phase`. */
export function rotateKey(key: number, phase: number): number {
  const bits = (phase & 3) << 3;
  // By 32 bits is by none.
  return (key << bits) | (key >>> (32 - bits));
}

function applyMaskBytewise(bytes: Uint8Array, start: number, end: number, key: number): void {
  for (let i = start, shift = 24; i < end; i++, shift = (shift - 8) & 31) {
    bytes[i] = bytes[i]! ^ (key >>> shift);
  }
}

function applyMaskWordwise(bytes: Uint8Array, start: number, end: number, key: number): void {
  // A 32-bit view has to begin at a multiple of 4 of the underlying buffer.
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  applyMaskBytewise(bytes, start, aligned, key);

  const wordCount = (end - aligned) >>> 2;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + aligned, wordCount);
  const word = keyInMemoryOrder(rotateKey(key, aligned - start));
  for (let i = 0; i < wordCount; i++) words[i] = words[i]! ^ word;

  const rest = aligned + wordCount * 4;
  applyMaskBytewise(bytes, rest, end, rotateKey(key, aligned - start));
}

/** The key as this machine would read it from 4 bytes of memory. */
function keyInMemoryOrder(key: number): number {
  memoryBytes[0] = key >>> 24;
  memoryBytes[1] = key >>> 16;
  memoryBytes[2] = key >>> 8;
  memoryBytes[3] = key;
  return memoryWord[0]!;
}

const memoryBytes = new Uint8Array(4);
const memoryWord = new Uint32Array(memoryBytes.buffer);
