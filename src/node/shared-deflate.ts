import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';

/** How connections compress that keep no context between messages: one compressed message is for all of them. */
export interface DeflateSharing {
  readonly windowBits: number;
  readonly options: ZlibOptions | undefined;
}

/** What a compressed message ends with on its way through zlib, and not on the wire (RFC 7692 §7.2.1, §7.2.2). */
export const TAIL: Uint8Array = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Takes the tail off a message that zlib has compressed. */
export function withoutTail(compressed: Uint8Array): Uint8Array {
  return compressed.subarray(0, compressed.length - TAIL.length);
}

/** Compresses a whole message at once, without a context (RFC 7692 §7.2.1). */
export function deflateAlone(payload: Uint8Array, { windowBits, options }: DeflateSharing): Uint8Array {
  return withoutTail(
    deflateRawSync(payload, { ...options, windowBits, finishFlush: constants.Z_SYNC_FLUSH }),
  );
}
