/**
 * Checks UTF-8 that comes in pieces, and says so at the first byte that no valid text can have there
 * (RFC 6455 §8.1, RFC 3629 §4: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
export class Utf8Validator {
  /** Continuation bytes that the character in progress still lacks, 0-3. */
  #missing = 0;
  /** The range of the next continuation byte: narrower than 80-BF after E0, ED, F0 and F4. */
  #lowest = 0x80;
  #highest = 0xbf;

  /** Whether the text may end here: no character is cut off. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** Forgets the text so far. */
  reset(): void {
    this.#missing = 0;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
  }

  /** Reads on from `start` to `end`. Returns false at the first bad byte; then only `reset` is of use. */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    let position = start;
    while (position < end) {
      if (this.#missing === 0) {
        position = skipAscii(bytes, position, end);
        if (position < end && !this.#begin(bytes[position++]!)) return false;
      } else if (!this.#continue(bytes[position++]!)) {
        return false;
      }
    }
    return true;
  }

  /** Takes the first byte of a character of two bytes or more. */
  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    return true;
  }

  #continue(byte: number): boolean {
    if (byte < this.#lowest || byte > this.#highest) return false;
    this.#missing--;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
    return true;
  }
}

/** Tells whether all of `bytes` is UTF-8. */
export function isValidUtf8(bytes: Uint8Array): boolean {
  const { length } = bytes;
  const start = skipAscii(bytes, 0, length);
  if (start === length) return true;
  const validator = new Utf8Validator();
  return validator.write(bytes, start, length) && validator.complete;
}

function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && bytes[position]! < 0x80) position++;
  return position;
}
