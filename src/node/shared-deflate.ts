import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';

/** How connections compress that keep no context between messages: one compressed message is for all of them. */
export interface DeflateSharing {
  readonly windowBits: number;
  readonly options: ZlibOptions | undefined;
}

/** With these a deflate stream takes half the memory of zlib's own defaults, for some 4 % more output of JSON (bench/deflate.json). */
export const DEFAULT_DEFLATE_WINDOW_BITS = 13;
export const DEFAULT_DEFLATE_MEM_LEVEL = 6;

/** Makes zlib's options: the window is at most the one agreed; a smaller one need not be told (RFC 7692 §7.1.2). */
export function deflateStreamOptions({ windowBits, options }: DeflateSharing): ZlibOptions {
  const wished = options?.windowBits ?? DEFAULT_DEFLATE_WINDOW_BITS;
  return { memLevel: DEFAULT_DEFLATE_MEM_LEVEL, ...options, windowBits: Math.min(windowBits, wished) };
}

/** What a compressed message ends with on its way through zlib, and not on the wire (RFC 7692 §7.2.1, §7.2.2). */
export const TAIL: Uint8Array = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Takes the tail off a message that zlib has compressed. */
export function withoutTail(compressed: Uint8Array): Uint8Array {
  return compressed.subarray(0, compressed.length - TAIL.length);
}

/** Compresses a whole message at once, without a context (RFC 7692 §7.2.1). */
export function deflateAlone(payload: Uint8Array, sharing: DeflateSharing): Uint8Array {
  const options = { ...deflateStreamOptions(sharing), finishFlush: constants.Z_SYNC_FLUSH };
  return withoutTail(deflateRawSync(payload, options));
}
