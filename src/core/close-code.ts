/** Close codes that Hawser itself sends or reports (RFC 6455 §7.4.1). */
export const CloseCode = {
  NORMAL_CLOSURE: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  /** Never on the wire: the peer's Close frame had no code. */
  NO_STATUS_RECEIVED: 1005,
  /** Never on the wire: the connection ended without a Close frame. */
  ABNORMAL_CLOSURE: 1006,
  INVALID_FRAME_PAYLOAD_DATA: 1007,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  INTERNAL_ERROR: 1011,
  /** Of IANA's registry: the peer may come back. */
  TRY_AGAIN_LATER: 1013,
} as const;

/**
 * Tells whether a Close frame may carry `code`: 1000-1003, 1007-1014 and 3000-4999.
 *
 * @see RFC 6455 §7.4.1, §7.4.2; 1012-1014 are in IANA's registry that §11.7 set up
 */
export function isValidCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
