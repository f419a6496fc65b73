/** A frame as the raw peers of the tests see it. */
export interface RawFrame {
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/**
 * Makes a frame of at most 65,535 bytes of payload. The masking key is 0, so that the payload is legible on the wire.
 *
 * @param firstByte - FIN, the reserved bits and the opcode.
 */
export function frame(firstByte: number, payload: string | Uint8Array, masked: boolean): Buffer {
  const bytes = Buffer.from(payload as Uint8Array);
  const maskBit = masked ? 0x80 : 0;
  const key = Buffer.alloc(masked ? 4 : 0);
  const length =
    bytes.length < 126 ? [maskBit | bytes.length] : [maskBit | 126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([firstByte, ...length]), key, bytes]);
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as Uint8Array)]);
}

/** Reads the whole frames in `bytes`: the slow and obvious way, for the tests to compare with. */
export function parseFrames(bytes: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const masked = (bytes[at + 1]! & 0x80) !== 0;
    let length = bytes[at + 1]! & 0x7f;
    let payloadAt = at + 2;
    if (length === 126) {
      length = bytes.readUInt16BE(payloadAt);
      payloadAt += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(payloadAt));
      payloadAt += 8;
    }
    const key = masked ? bytes.subarray(payloadAt, payloadAt + 4) : Buffer.alloc(4);
    if (masked) payloadAt += 4;
    if (payloadAt + length > bytes.length) break;
    const payload = Buffer.from(bytes.subarray(payloadAt, payloadAt + length)).map(
      (byte, index) => byte ^ key[index % 4]!,
    );
    frames.push({ opcode: bytes[at]! & 0x0f, masked, payload: Buffer.from(payload) });
    at = payloadAt + length;
  }
  return frames;
}

/** The codes of the Close frames in `bytes`. */
export function closeCodes(bytes: Buffer): number[] {
  return parseFrames(bytes)
    .filter(({ opcode }) => opcode === 8)
    .map(({ payload }) => payload.readUInt16BE(0));
}
