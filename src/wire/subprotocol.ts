/** The subprotocol that a client offers which begins with $hello (RFC 6455 §1.9). */
export const SUBPROTOCOL = 'hawser.hub.v1';
