/** What a peer may do to a session of HTTP/2 before it is ended, in both roles, where Node's own default is looser. */
export const HTTP2_LIMITS = {
  /** Frames that break a rule, and are ignored. */
  maxSessionInvalidFrames: 100,
  maxOutstandingPings: 10,
  /** Entries in one SETTINGS frame. */
  maxSettings: 32,
  maxHeaderListPairs: 128,
} as const;
