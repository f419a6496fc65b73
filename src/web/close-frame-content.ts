import { CloseCode } from '../core/index.ts';

/** What a Close frame is to say. */
export interface CloseFrameContent {
  /** `undefined`: it says nothing. */
  readonly code: number | undefined;
  readonly reason: Uint8Array;
}

const MAX_REASON_BYTES = 123;

/**
 * Checks what a program wants to close with. A reason can't be sent without a code, and gets 1000.
 *
 * @throws {DOMException} InvalidAccessError: the code is not 1000 and not from 3000 to 4999. SyntaxError: the reason is
 *   longer than 123 bytes.
 * @see https://websockets.spec.whatwg.org/#close-the-websocket
 */
export function closeFrameContent(code: number | undefined, reason: string): CloseFrameContent {
  const bytes = Buffer.from(reason);
  checkCode(code);
  if (bytes.length > MAX_REASON_BYTES) {
    throw new DOMException(`The reason is longer than ${MAX_REASON_BYTES} bytes`, 'SyntaxError');
  }
  return { code: code ?? (bytes.length > 0 ? CloseCode.NORMAL_CLOSURE : undefined), reason: bytes };
}

function checkCode(code: number | undefined): void {
  if (code === undefined || code === CloseCode.NORMAL_CLOSURE || (code >= 3000 && code <= 4999)) return;
  throw new DOMException(`The close code must be 1000 or 3000 to 4999, not ${code}`, 'InvalidAccessError');
}
