import { utf8Length } from './sending.ts';

/**
 * Checks what a program wants to close with, whatever the WebSocket below would take.
 *
 * @throws {DOMException} InvalidAccessError: the code is not 1000 and not from 3000 to 4999. SyntaxError: the reason is
 *   longer than 123 bytes.
 * @see https://websockets.spec.whatwg.org/#dom-websocket-close
 */
export function checkClose(code = 1000, reason = ''): void {
  if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException('Not a code to close with', 'InvalidAccessError');
  }
  if (utf8Length(reason) > 123) throw new DOMException('Too long a reason', 'SyntaxError');
}
