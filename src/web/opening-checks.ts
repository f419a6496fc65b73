import { isToken } from '../handshake/header-grammar.ts';
import { prohibitsInsecure } from './environment.ts';

/**
 * Refuses subprotocols that can't be offered. The same one in another case counts as repeated, too: so it is in
 * web-platform-tests.
 *
 * @throws {DOMException} SyntaxError.
 */
export function checkSubprotocols(subprotocols: readonly string[]): void {
  const different = new Set(subprotocols.map((subprotocol) => subprotocol.toLowerCase()));
  if (subprotocols.every(isToken) && different.size === subprotocols.length) return;
  throw new DOMException('A subprotocol is no token, or there twice', 'SyntaxError');
}

/**
 * Refuses an insecure connection of a secure page.
 *
 * @throws {DOMException} SecurityError.
 * @see https://w3c.github.io/webappsec-mixed-content/#websockets-integration
 */
export function checkMixedContent(url: URL): void {
  if (!prohibitsInsecure(url)) return;
  throw new DOMException('A page that came over HTTPS may not connect to "ws:"', 'SecurityError');
}
