// The global is a getter: to ask it for each message costs more than the question.
const { isBuffer } = Buffer;

/** Returns bytes as a Buffer, in the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
