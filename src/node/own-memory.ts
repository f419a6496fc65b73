// The global is a getter: to ask it for each message costs more than the question.
const { isBuffer } = Buffer;

/** Copies bytes into memory that they share with nothing: what is kept for long must not keep more than itself. */
export function inOwnMemory(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * Copies text of Latin-1 characters: engines keep a part of a longer text as a view of all of it.
 */
export function textInOwnMemory(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Returns bytes as a Buffer, in the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
