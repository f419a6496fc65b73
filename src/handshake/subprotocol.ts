import { isToken, ListReader } from './header-grammar.ts';

const COMMA = 0x2c;

/**
 * Reads a Sec-WebSocket-Protocol header of a request.
 *
 * @throws {SyntaxError} It is no list of tokens, or has one twice.
 * @see RFC 6455 §4.1 item 10, §11.3.4
 */
export function parseSubprotocolHeader(header: string): Set<string> {
  const reader = new ListReader(header);
  const subprotocols = new Set<string>();
  let more: boolean;
  do {
    const subprotocol = reader.readToken();
    more = reader.skipSeparator(COMMA, COMMA);
    if (subprotocols.has(subprotocol)) {
      throw new SyntaxError(`The "${subprotocol}" subprotocol is duplicated`);
    }
    subprotocols.add(subprotocol);
  } while (more);
  return subprotocols;
}

/**
 * Checks the subprotocols that a client is to offer.
 *
 * @throws {SyntaxError} One is not a token, or is there twice.
 * @see RFC 6455 §4.1 item 10
 */
export function assertSubprotocols(
  subprotocols: readonly unknown[],
): asserts subprotocols is readonly string[] {
  const valid = subprotocols.every((subprotocol) => typeof subprotocol === 'string' && isToken(subprotocol));
  if (!valid || new Set(subprotocols).size !== subprotocols.length) {
    throw new SyntaxError('An invalid or duplicated subprotocol was specified');
  }
}
