import { parseSubprotocolHeader } from '../handshake/subprotocol.ts';

/** Reads Sec-WebSocket-Protocol headers. */
export const subprotocol = {
  /**
   * Returns the names in a header, in its order.
   *
   * @throws {SyntaxError} `Unexpected character at index N`, `Unexpected end of input`, or a name that is there twice.
   */
  parse: parseSubprotocolHeader,
};
