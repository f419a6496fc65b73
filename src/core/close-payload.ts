import { CloseCode, isValidCloseCode } from './close-code.ts';
import { invalidFrame } from './errors.ts';
import { MAX_CONTROL_PAYLOAD_BYTES } from './frame-header.ts';
import { isValidUtf8 } from './utf8.ts';

/** The longest close reason, in bytes of UTF-8: a control frame's payload less the close code. */
export const MAX_CLOSE_REASON_BYTES = MAX_CONTROL_PAYLOAD_BYTES - 2;

export interface ClosePayload {
  /** 1005 when the frame has no code. */
  readonly code: number;
  /** UTF-8, 0 to 123 bytes. */
  readonly reason: Uint8Array;
}

/**
 * Reads the payload of a Close frame; the reason is a view of `payload`.
 *
 * @param checkUtf8 - Whether a reason that is not UTF-8 is refused.
 * @throws {ProtocolError} Close code 1002 (one byte alone, a code that must not be on the wire) or 1007 (reason not UTF-8).
 * @see RFC 6455 §5.5.1, §7.4
 */
export function parseClosePayload(payload: Uint8Array, checkUtf8: boolean): ClosePayload {
  if (payload.length === 0) return { code: CloseCode.NO_STATUS_RECEIVED, reason: payload };
  if (payload.length === 1) {
    throw invalidFrame('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 'invalid payload length 1');
  }
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isValidCloseCode(code)) {
    throw invalidFrame('WS_ERR_INVALID_CLOSE_CODE', `invalid status code ${code}`);
  }
  const reason = payload.subarray(2);
  if (checkUtf8 && !isValidUtf8(reason)) {
    throw invalidFrame('WS_ERR_INVALID_UTF8', 'invalid UTF-8 sequence');
  }
  return { code, reason };
}

/**
 * Serializes the payload of a Close frame.
 *
 * @param code - 1000-1003, 1007-1014 or 3000-4999; `undefined` for a frame without payload.
 * @param reason - UTF-8, at most 123 bytes; not sent without a code.
 * @throws {TypeError} `code` must not be on the wire.
 * @throws {RangeError} `reason` is longer than 123 bytes.
 */
export function serializeClosePayload(code: number | undefined, reason: Uint8Array): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  if (!isValidCloseCode(code)) throw new TypeError('First argument must be a valid error code number');
  if (reason.length > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(`The message must not be greater than ${MAX_CLOSE_REASON_BYTES} bytes`);
  }
  const payload = new Uint8Array(2 + reason.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(reason, 2);
  return payload;
}
