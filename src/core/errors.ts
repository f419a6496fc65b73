import { CloseCode } from './close-code.ts';

/** Every fault of a peer that Hawser tells apart: its error code and the close code that answers it. */
const CLOSE_CODE_OF = {
  WS_ERR_EXPECTED_FIN: CloseCode.PROTOCOL_ERROR,
  WS_ERR_EXPECTED_MASK: CloseCode.PROTOCOL_ERROR,
  WS_ERR_UNEXPECTED_MASK: CloseCode.PROTOCOL_ERROR,
  WS_ERR_INVALID_CLOSE_CODE: CloseCode.PROTOCOL_ERROR,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: CloseCode.PROTOCOL_ERROR,
  WS_ERR_INVALID_OPCODE: CloseCode.PROTOCOL_ERROR,
  WS_ERR_UNEXPECTED_RSV_1: CloseCode.PROTOCOL_ERROR,
  WS_ERR_UNEXPECTED_RSV_2_3: CloseCode.PROTOCOL_ERROR,
  WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH: CloseCode.PROTOCOL_ERROR,
  WS_ERR_INVALID_UTF8: CloseCode.INVALID_FRAME_PAYLOAD_DATA,
  /** zlib's own code, which `ws` passes on. */
  Z_DATA_ERROR: CloseCode.INVALID_FRAME_PAYLOAD_DATA,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: CloseCode.POLICY_VIOLATION,
  WS_ERR_TOO_MANY_CONTROL_FRAMES: CloseCode.POLICY_VIOLATION,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: CloseCode.MESSAGE_TOO_BIG,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: CloseCode.MESSAGE_TOO_BIG,
  WS_ERR_SLOW_PEER: CloseCode.TRY_AGAIN_LATER,
} as const;

export type ProtocolErrorCode = keyof typeof CLOSE_CODE_OF;

/**
 * A fault of the peer. The connection fails with `closeCode` (RFC 6455 §7.1.7).
 *
 * It is a RangeError because programs written for `ws` ask for that.
 */
export class ProtocolError extends RangeError {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** The close code that tells the peer of its fault (RFC 6455 §7.4.1). */
  get closeCode(): number {
    return CLOSE_CODE_OF[this.code];
  }
}

/** Makes the error of a frame that breaks a rule, with the words that `ws` uses. */
export function invalidFrame(code: ProtocolErrorCode, detail: string): ProtocolError {
  return new ProtocolError(code, `Invalid WebSocket frame: ${detail}`);
}

/** Makes the error of a message that is longer than the receiver's `maxPayload`. */
export function messageTooBig(): ProtocolError {
  return new ProtocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded');
}

/** Makes the error of a message in more frames, or a frame in more chunks, than the receiver set as its limit. */
export function tooManyParts(message: string): ProtocolError {
  return new ProtocolError('WS_ERR_TOO_MANY_BUFFERED_PARTS', message);
}

/** Makes the error of pings and pongs that come faster than the receiver's limit. */
export function tooManyControlFrames(): ProtocolError {
  return new ProtocolError('WS_ERR_TOO_MANY_CONTROL_FRAMES', 'Too many control frames');
}

/** Makes the error of a peer for which more waits than may. */
export function peerTooSlow(): ProtocolError {
  return new ProtocolError('WS_ERR_SLOW_PEER', 'Too much was waiting for a peer that does not keep up');
}

/** Makes the error that the callback of a message gets that was dropped because too much waited. */
export function messageDropped(): Error & { code: 'WS_ERR_MESSAGE_DROPPED' } {
  const message = 'The message was dropped: the peer does not keep up';
  return Object.assign(new Error(message), { code: 'WS_ERR_MESSAGE_DROPPED' as const });
}
