import { applyMask } from './masking.ts';

/** Bits of a frame's first byte beside the opcode (RFC 6455 §5.2). */
export const FIN_BIT = 0x80;
export const RSV1_BIT = 0x40;

/** Length of the header for a payload of `payloadLength` bytes: 2, 4 or 10, and 4 more with a masking key. */
export function frameHeaderLength(payloadLength: number, masked: boolean): number {
  const lengthBytes = payloadLength < 126 ? 0 : payloadLength < 0x1_0000 ? 2 : 8;
  return 2 + lengthBytes + (masked ? 4 : 0);
}

/**
 * Writes a frame header into `target` at `at`.
 *
 * @param firstByte - FIN, RSV1 and opcode.
 * @param payloadLength - In bytes, 0 to 2^53 - 1; its shortest form is written (RFC 6455 §5.2).
 * @param maskingKey - First byte in the highest 8 bits; `undefined` for a frame without mask.
 * @returns Offset behind the header.
 */
export function writeFrameHeader(
  target: Uint8Array,
  at: number,
  firstByte: number,
  payloadLength: number,
  maskingKey: number | undefined,
): number {
  target[at] = firstByte;
  const keyAt = writePayloadLength(target, at + 1, payloadLength, maskingKey === undefined ? 0 : 0x80);
  if (maskingKey === undefined) return keyAt;
  writeUint32(target, keyAt, maskingKey);
  return keyAt + 4;
}

/**
 * Serializes a whole frame into new memory; `payload` is copied, and masked in the copy.
 *
 * @param allocate - Makes the memory: `length` bytes, which are all written.
 */
export function serializeFrame(
  firstByte: number,
  payload: Uint8Array,
  maskingKey: number | undefined,
  allocate: (length: number) => Uint8Array,
): Uint8Array {
  const frame = allocate(frameHeaderLength(payload.length, maskingKey !== undefined) + payload.length);
  const payloadAt = writeFrameHeader(frame, 0, firstByte, payload.length, maskingKey);
  frame.set(payload, payloadAt);
  if (maskingKey !== undefined) applyMask(frame, payloadAt, frame.length, maskingKey, 0);
  return frame;
}

function writePayloadLength(target: Uint8Array, at: number, payloadLength: number, maskBit: number): number {
  if (payloadLength < 126) {
    target[at] = maskBit | payloadLength;
    return at + 1;
  }
  if (payloadLength < 0x1_0000) {
    target[at] = maskBit | 126;
    target[at + 1] = payloadLength >>> 8;
    target[at + 2] = payloadLength;
    return at + 3;
  }
  target[at] = maskBit | 127;
  writeUint32(target, at + 1, Math.floor(payloadLength / 2 ** 32));
  writeUint32(target, at + 5, payloadLength >>> 0);
  return at + 9;
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
