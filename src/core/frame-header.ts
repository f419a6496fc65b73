import { invalidFrame, messageTooBig, ProtocolError } from './errors.ts';
import { CLOSE, CONTINUATION, isControlOpcode, isKnownOpcode } from './opcode.ts';

/** The longest header: 2 bytes, 8 of extended length, 4 of masking key (RFC 6455 §5.2). */
export const MAX_HEADER_BYTES = 14;

/** The longest payload of a control frame, in bytes (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD_BYTES = 125;

/** What a frame header says (RFC 6455 §5.2). */
export interface FrameHeader {
  fin: boolean;
  rsv1: boolean;
  opcode: number;
  masked: boolean;
  /** The masking key, its first byte in the highest 8 bits; 0 when the frame is not masked. */
  maskingKey: number;
  /** In bytes, 0 to 2^53 - 1. */
  payloadLength: number;
}

/** What the frames of a connection have to keep to, as far as a header can break it. */
export interface FrameRules {
  /** Whether the peer must mask: true for frames from a client (RFC 6455 §5.1). */
  readonly masked: boolean;
  /** Whether RSV1 has a meaning: permessage-deflate was negotiated (RFC 7692 §6). */
  readonly rsv1: boolean;
  /** Whether a fragmented message is in progress, which the next data frame has to go on with (RFC 6455 §5.4). */
  readonly fragmented: boolean;
  /** Returns the most payload bytes that the next data frame may have; `rsv1` is its own. */
  payloadLimit(rsv1: boolean): number;
}

/** Makes a header for {@link parseFrameHeader} to fill. */
export function createFrameHeader(): FrameHeader {
  return { fin: false, rsv1: false, opcode: 0, masked: false, maskingKey: 0, payloadLength: 0 };
}

/**
 * Reads one frame header from `bytes` at `start` into `header`; consumes nothing.
 *
 * The caller owns `header`, so that a connection needs one object for all its frames.
 *
 * @param start - Offset of the frame's first byte, in bytes.
 * @param end - Offset behind the last byte that may be read.
 * @returns The header's length, 2 to 14 bytes, or 0 when `bytes` ends inside it: call again with more.
 * @throws {ProtocolError} At the first byte that breaks a rule: close code 1002 (reserved bits, opcode, masking,
 *   control frames, length not in its shortest form) or 1009 (payload above the rules' limit or 2^53 - 1 bytes).
 * @see RFC 6455 §5.2, §5.1, §5.5
 */
export function parseFrameHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  rules: FrameRules,
  header: FrameHeader,
): number {
  if (start >= end) return 0;
  readFirstByte(bytes[start]!, rules, header);
  if (end - start < 2) return 0;

  const length7 = readSecondByte(bytes[start + 1]!, rules, header);
  const lengthEnd = readPayloadLength(bytes, start + 2, end, length7, header);
  if (lengthEnd === 0) return 0;
  if (!isControlOpcode(header.opcode) && header.payloadLength > rules.payloadLimit(header.rsv1)) {
    throw messageTooBig();
  }

  header.maskingKey = 0;
  if (!header.masked) return lengthEnd - start;
  if (end - lengthEnd < 4) return 0;
  header.maskingKey = readUint32(bytes, lengthEnd);
  return lengthEnd + 4 - start;
}

function readFirstByte(byte: number, rules: FrameRules, header: FrameHeader): void {
  const opcode = byte & 0x0f;
  header.fin = (byte & 0x80) !== 0;
  header.rsv1 = (byte & 0x40) !== 0;
  header.opcode = opcode;

  if ((byte & 0x30) !== 0) {
    throw invalidFrame('WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 and RSV3 must be clear');
  }
  // RFC 7692 §6.1: the bit is set on the first frame of a message only, and never on a control frame.
  if (header.rsv1 && (!rules.rsv1 || opcode === CONTINUATION || isControlOpcode(opcode))) {
    throw invalidFrame('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear');
  }
  if (!isKnownOpcode(opcode)) throw invalidOpcode(opcode);
  if (isControlOpcode(opcode)) {
    if (!header.fin) throw invalidFrame('WS_ERR_EXPECTED_FIN', 'FIN must be set');
  } else if ((opcode === CONTINUATION) !== rules.fragmented) {
    throw invalidOpcode(opcode);
  }
}

function readSecondByte(byte: number, rules: FrameRules, header: FrameHeader): number {
  const length7 = byte & 0x7f;
  header.masked = (byte & 0x80) !== 0;
  if (isControlOpcode(header.opcode) && !isControlLength(header.opcode, length7)) {
    throw invalidFrame('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', `invalid payload length ${length7}`);
  }
  if (header.masked !== rules.masked) throw wrongMasking(rules.masked);
  return length7;
}

/** RFC 6455 §5.5, and §5.5.1: the body of a Close frame, if there is one, begins with two bytes of code. */
function isControlLength(opcode: number, length7: number): boolean {
  return length7 <= MAX_CONTROL_PAYLOAD_BYTES && !(opcode === CLOSE && length7 === 1);
}

/** Returns the offset behind the length, or 0 when bytes are missing. */
function readPayloadLength(
  bytes: Uint8Array,
  start: number,
  end: number,
  length7: number,
  header: FrameHeader,
): number {
  if (length7 < 126) {
    header.payloadLength = length7;
    return start;
  }
  return length7 === 126 ? readLength16(bytes, start, end, header) : readLength64(bytes, start, end, header);
}

function readLength16(bytes: Uint8Array, start: number, end: number, header: FrameHeader): number {
  if (end - start < 2) return 0;
  header.payloadLength = (bytes[start]! << 8) | bytes[start + 1]!;
  if (header.payloadLength < 126) throw nonMinimalLength();
  return start + 2;
}

function readLength64(bytes: Uint8Array, start: number, end: number, header: FrameHeader): number {
  // Above 2^53 - 1 a number can't count bytes exactly; the first 11 bits of the length tell.
  if (start < end && bytes[start]! !== 0) throw unsupportedLength();
  if (start + 1 < end && bytes[start + 1]! > 0x1f) throw unsupportedLength();
  if (end - start < 8) return 0;
  header.payloadLength = readUint32(bytes, start) * 2 ** 32 + readUint32(bytes, start + 4);
  if (header.payloadLength < 0x1_0000) throw nonMinimalLength();
  return start + 8;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function invalidOpcode(opcode: number): ProtocolError {
  return invalidFrame('WS_ERR_INVALID_OPCODE', `invalid opcode ${opcode}`);
}

function wrongMasking(expected: boolean): ProtocolError {
  return expected
    ? invalidFrame('WS_ERR_EXPECTED_MASK', 'MASK must be set')
    : invalidFrame('WS_ERR_UNEXPECTED_MASK', 'MASK must be clear');
}

/** RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length". */
function nonMinimalLength(): ProtocolError {
  return invalidFrame('WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH', 'payload length is not in its shortest form');
}

function unsupportedLength(): ProtocolError {
  return new ProtocolError(
    'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    'Unsupported WebSocket frame: payload length > 2^53 - 1',
  );
}
