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
  const words = Array.from({ length: 256 }, () => makeWord(next));
  const parts = [];
  let left = size;
  for (;;) {
    const { text, bytes } = words[next()];
    if (bytes > left) return parts.join('') + 'z'.repeat(left);
    parts.push(text);
    left -= bytes;
  }
}

function makeWord(next) {
  const text = Array.from({ length: 1 + (next() % 16) }, () => CHARACTERS[next() % CHARACTERS.length]).join(
    '',
  );
  return { text, bytes: new TextEncoder().encode(text).length };
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
