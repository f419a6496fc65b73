/** Why a message was refused or a request failed; on the wire as `code` (docs/hub-protocol.md). */
export const HUB_ERRORS = {
  BAD_MESSAGE: 'The message is not one of the hub protocol',
  TOO_DEEP: 'The message is nested too deeply',
  RESERVED_TYPE: 'Types that begin with "$" are those of the protocol',
  UNKNOWN_TYPE: 'Nobody handles this type',
  INVALID_DATA: 'The data is not what this type takes',
  UNAUTHORIZED: 'The authorization is missing or has expired',
  FORBIDDEN: 'This is not allowed',
  RATE_LIMITED: 'Too much was sent in too short a time',
  TOO_MANY_ROOMS: 'The socket is in as many rooms as it may be',
  TOO_MANY_PENDING: 'Too many requests wait for their answers',
  NOT_JOINED: 'The socket is not in this room',
  TIMEOUT: 'No answer came in time',
  CLOSED: 'The connection is closed',
  ABORTED: 'The request was aborted',
  UNAVAILABLE: 'What this needs is out of reach',
  INTERNAL: 'The handler failed',
} as const;

export type HubErrorCode = keyof typeof HUB_ERRORS;

/** A refused message or a failed request, told to the other end by `code`, `message` and `details`. */
export class HubError extends Error {
  readonly code: HubErrorCode | (string & {});
  /** What the other end is told besides, as JSON: the issues of a schema, say. */
  readonly details: unknown;

  /**
   * @param code - One of {@link HUB_ERRORS}, or the application's own.
   * @param message - By default the table's.
   */
  constructor(code: HubErrorCode | (string & {}), message?: string, details?: unknown) {
    super(message ?? HUB_ERRORS[code as HubErrorCode] ?? code);
    this.name = 'HubError';
    this.code = code;
    this.details = details;
  }
}

/** Reads what the other end sent as an error: it may be anything. */
export function hubErrorFrom(data: unknown): HubError {
  const { code, message, details } = (data ?? {}) as Partial<Record<string, unknown>>;
  return new HubError(
    typeof code === 'string' ? code : 'INTERNAL',
    typeof message === 'string' ? message : undefined,
    details,
  );
}
