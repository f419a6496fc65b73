import { constants, deflateRawSync } from 'node:zlib';
import { closePayload, frame } from './raw-frames.ts';

/** The most that the receivers of {@link faults} accept, in bytes. */
export const MAX_PAYLOAD = 1000;

/** Something that a peer may not do. */
export interface Fault {
  readonly name: string;
  readonly bytes: Buffer;
  /** The close code that answers it (RFC 6455 §7.4.1). */
  readonly closeCode: 1002 | 1007 | 1009;
  /** The code of the error that it shows up as. */
  readonly errorCode: string;
  /** Whether permessage-deflate is negotiated. */
  readonly deflate: boolean;
}

type Row = [name: string, closeCode: Fault['closeCode'], errorCode: string, ...frames: Buffer[]];

/** Every fault there is in frames, as the peer that masks, or the one that doesn't, would send it. */
export function faults(masked: boolean): Fault[] {
  const table = (rows: Row[], deflate: boolean) =>
    rows.map(([name, closeCode, errorCode, ...frames]) => {
      return { name, closeCode, errorCode, bytes: Buffer.concat(frames), deflate };
    });
  return [...table(frameFaults(masked), false), ...table(deflateFaults(masked), true)];
}

function frameFaults(masked: boolean): Row[] {
  const f = (firstByte: number, payload: string | Uint8Array = '') => frame(firstByte, payload, masked);
  const maskBit = masked ? 0x80 : 0;
  const head = (...bytes: number[]) => Buffer.from(bytes);
  const wrongMask = masked ? 'WS_ERR_EXPECTED_MASK' : 'WS_ERR_UNEXPECTED_MASK';
  const wrongCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];
  return [
    ['RSV1 without an extension', 1002, 'WS_ERR_UNEXPECTED_RSV_1', f(0xc1, 'x')],
    ['RSV2', 1002, 'WS_ERR_UNEXPECTED_RSV_2_3', f(0xa1, 'x')],
    ['RSV3', 1002, 'WS_ERR_UNEXPECTED_RSV_2_3', f(0x91, 'x')],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode): Row => [`opcode ${opcode}`, 1002, 'WS_ERR_INVALID_OPCODE', f(0x80 | opcode)],
    ),
    [masked ? 'no mask' : 'a mask', 1002, wrongMask, frame(0x81, 'x', !masked)],
    ['a ping in fragments', 1002, 'WS_ERR_EXPECTED_FIN', f(0x09)],
    ['a ping of 126 bytes', 1002, 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', f(0x89, 'x'.repeat(126))],
    ['a continuation of nothing', 1002, 'WS_ERR_INVALID_OPCODE', f(0x80, 'x')],
    ['a message within a message', 1002, 'WS_ERR_INVALID_OPCODE', f(0x01, 'x'), f(0x81, 'x')],
    ['a Close frame of 1 byte', 1002, 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', f(0x88, 'x')],
    ...wrongCodes.map(
      (code): Row => [`close code ${code}`, 1002, 'WS_ERR_INVALID_CLOSE_CODE', f(0x88, closePayload(code))],
    ),
    ['126 for a short length', 1002, 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH', head(0x82, maskBit | 126, 0, 125)],
    [
      '127 for a short length',
      1002,
      'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH',
      head(0x82, maskBit | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
    ],
    ['a reason that is not UTF-8', 1007, 'WS_ERR_INVALID_UTF8', f(0x88, closePayload(1000, head(0xff)))],
    ['text that is not UTF-8', 1007, 'WS_ERR_INVALID_UTF8', f(0x81, head(0x61, 0xc0, 0x80))],
    ['bad UTF-8 in a second fragment', 1007, 'WS_ERR_INVALID_UTF8', f(0x01, head(0xe2)), f(0x80, 'x')],
    ['text that ends in a character', 1007, 'WS_ERR_INVALID_UTF8', f(0x81, head(0xe2, 0x82))],
    [
      'a length above 2^53 - 1',
      1009,
      'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
      head(0x82, maskBit | 127, 0, 0x20, 0, 0, 0, 0, 0, 0),
    ],
    [
      'more than maxPayload',
      1009,
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      f(0x82, Buffer.alloc(MAX_PAYLOAD + 1)).subarray(0, masked ? 8 : 4),
    ],
    [
      'more than maxPayload in fragments',
      1009,
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      f(0x02, Buffer.alloc(MAX_PAYLOAD)),
      f(0x80, 'x'),
    ],
  ];
}

function deflateFaults(masked: boolean): Row[] {
  const f = (firstByte: number, payload: string | Uint8Array = '') => frame(firstByte, payload, masked);
  return [
    ['RSV1 on a ping', 1002, 'WS_ERR_UNEXPECTED_RSV_1', f(0xc9)],
    ['RSV1 on a continuation', 1002, 'WS_ERR_UNEXPECTED_RSV_1', f(0x41, compressed('x')), f(0xc0)],
    ['what is no deflate stream', 1007, 'Z_DATA_ERROR', f(0xc2, Buffer.from([0xff, 0xff, 0xff]))],
    ['compressed bad UTF-8', 1007, 'WS_ERR_INVALID_UTF8', f(0xc1, compressed(Buffer.from([0xff])))],
    [
      'what inflates above maxPayload',
      1009,
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      f(0xc2, compressed(Buffer.alloc(MAX_PAYLOAD + 1))),
    ],
  ];
}

/** The payload of a compressed message (RFC 7692 §7.2.1). */
export function compressed(payload: string | Uint8Array): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
