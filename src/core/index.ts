/**
 * The protocol without Node: frames, messages, masking, UTF-8 and close codes (RFC 6455), in pure functions
 * and classes.
 *
 * @module
 */

export type { BackPressure } from './back-pressure.ts';
export { CloseCode, isValidCloseCode } from './close-code.ts';
export { type ClosePayload, parseClosePayload, serializeClosePayload } from './close-payload.ts';
export type { Compression, CompressionCallback } from './compression.ts';
export { ProtocolError, type ProtocolErrorCode } from './errors.ts';
export {
  createFrameHeader,
  type FrameHeader,
  type FrameRules,
  MAX_CONTROL_PAYLOAD_BYTES,
  parseFrameHeader,
} from './frame-header.ts';
export { frameHeaderLength, serializeFrame, writeFrameHeader } from './frame-serializer.ts';
export type { FrameWriter } from './frame-writer.ts';
export { applyMask } from './masking.ts';
export type { IsUtf8 } from './message-assembler.ts';
export type { Payload, SendCallback, SendOptions, UnreadPayload } from './message-payload.ts';
export { BINARY, CLOSE, CONTINUATION, type MessageOpcode, PING, PONG, TEXT } from './opcode.ts';
export type { Allocate, PayloadMemory } from './payload-memory.ts';
export { Protocol, type ProtocolEvents, type Transport } from './protocol.ts';
export type { ProtocolOptions, Role } from './protocol-options.ts';
export type { PayloadSource } from './streamed-payload.ts';
export { isValidUtf8, Utf8Validator } from './utf8.ts';
