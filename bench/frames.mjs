// Frames as the load generator sends them and as it wants them back (RFC 6455 §5.2).
const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** First bytes: FIN and the opcode. */
export const TEXT = 0x81;
export const BINARY = 0x82;
export const CLOSE = 0x88;
/** RSV1: the message is compressed (RFC 7692 §6). */
export const COMPRESSED = 0x40;

export function frame(firstByte, payload) {
  return Buffer.concat([header(firstByte, payload.length, 0), payload]);
}

export function maskedFrame(firstByte, payload) {
  const masked = Buffer.from(payload, 0, payload.length);
  for (let i = 0; i < masked.length; i++) masked[i] ^= KEY[i & 3];
  return Buffer.concat([header(firstByte, payload.length, 0x80), KEY, masked]);
}

function header(firstByte, length, maskBit) {
  if (length < 126) return Buffer.from([firstByte, maskBit | length]);
  if (length < 0x1_0000) return Buffer.from([firstByte, maskBit | 126, length >>> 8, length & 0xff]);
  const long = Buffer.alloc(10);
  long[0] = firstByte;
  long[1] = maskBit | 127;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}
