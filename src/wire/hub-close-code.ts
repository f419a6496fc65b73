/** What a client does about a close: comes back at once, comes back after its longest delay, or stays away. */
export type Retry = 'now' | 'later' | 'never';

export interface HubClose {
  readonly code: number;
  readonly meaning: string;
  readonly retry: Retry;
}

/** The close codes of a hub and its clients, and what a client does then; 4xxx as HTTP's status xxx (RFC 6455 §7.4.2). */
export const HubCloseCode = {
  NORMAL: { code: 1000, meaning: 'done', retry: 'never' },
  GOING_AWAY: { code: 1001, meaning: 'the node is shutting down', retry: 'now' },
  POLICY_VIOLATION: { code: 1008, meaning: 'the connection broke a rule', retry: 'never' },
  INTERNAL_ERROR: { code: 1011, meaning: 'the node failed', retry: 'later' },
  SERVICE_RESTART: { code: 1012, meaning: 'the service restarts', retry: 'now' },
  TRY_AGAIN_LATER: {
    code: 1013,
    meaning: 'the node is overloaded, or the client reads too slowly',
    retry: 'later',
  },
  BAD_MESSAGES: { code: 4400, meaning: 'too many messages were not of the protocol', retry: 'never' },
  UNAUTHORIZED: { code: 4401, meaning: 'the authorization is missing or has expired', retry: 'never' },
  FORBIDDEN: { code: 4403, meaning: 'the client may not connect', retry: 'never' },
  TIMEOUT: { code: 4408, meaning: 'what was due did not come in time', retry: 'later' },
  REPLACED: { code: 4409, meaning: 'a newer connection goes on with the session', retry: 'never' },
  RATE_LIMITED: { code: 4429, meaning: 'too much was sent in too short a time', retry: 'later' },
  /** The client's own; its session goes on. */
  ABANDONED: { code: 4499, meaning: 'the client gives the connection up, and comes back', retry: 'now' },
} as const satisfies Record<string, HubClose>;

const RETRY_OF = /* @__PURE__ */ new Map<number, Retry>(
  /* @__PURE__ */ Object.values(HubCloseCode).map(({ code, retry }) => [code, retry]),
);

/** Tells whether a client comes back after a close with `code`; after one that no hub sends, it does. */
export function retryAfter(code: number): Retry {
  return RETRY_OF.get(code) ?? 'now';
}
