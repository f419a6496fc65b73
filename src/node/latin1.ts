import { asBuffer } from './own-memory.ts';

/** Does what {@link decodeLatin1} of the handshake does, in one call into Node. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('latin1', start, end);
}
