const CHARACTERS = ['a', 'é', '漢', '😀', ' ', '\n'];

/** Makes the same `size` bytes for the same `seed`: the first half random, the second repetitive. */
export function makeBytes(size, seed) {
  const bytes = new Uint8Array(size);
  const next = randomFrom(seed);
  const half = size >> 1;
  for (let i = 0; i < half; i += 1) bytes[i] = next();
  for (let i = half; i < size; i += 1) bytes[i] = (i * seed) & 7;
  return bytes;
}

/** Makes the same text for the same `seed`: exactly `size` bytes in UTF-8, of characters of one to four bytes. */
export function makeText(size, seed) {
  const next = randomFrom(seed);
  const parts = [];
  let left = size;
  while (left > 4) {
    const index = next() % CHARACTERS.length;
    parts.push(CHARACTERS[index]);
    left -= index < 4 ? index + 1 : 1;
  }
  return parts.join('') + 'z'.repeat(left);
}

/** Gives the SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. */
export async function digest(data) {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Xorshift, 32 bits. */
function randomFrom(seed) {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
}
