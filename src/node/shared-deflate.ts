import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';

/** How connections compress that keep no context between messages: one compressed message is for all of them. */
export interface DeflateSharing {
  readonly windowBits: number;
  readonly options: ZlibOptions | undefined;
}

/** What a compressed message ends with on its way through zlib, and not on the wire (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;

/** Compresses a whole message at once, without a context (RFC 7692 §7.2.1). */
export function deflateAlone(payload: Uint8Array, { windowBits, options }: DeflateSharing): Uint8Array {
  const output = deflateRawSync(payload, { ...options, windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return output.subarray(0, output.length - TAIL_BYTES);
}
