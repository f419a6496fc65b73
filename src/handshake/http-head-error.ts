/** What is wrong with a head: the status that a server answers, and node:http's code and words for it. */
const FAULTS = {
  HPE_INVALID_CONSTANT: [400, 'Expected HTTP/'],
  HPE_INVALID_METHOD: [400, 'Invalid method encountered'],
  HPE_INVALID_URL: [400, 'Invalid characters in url'],
  HPE_INVALID_VERSION: [505, 'Invalid HTTP version'],
  HPE_INVALID_STATUS: [400, 'Invalid status code'],
  HPE_INVALID_HEADER_TOKEN: [400, 'Invalid header token'],
  HPE_CR_EXPECTED: [400, 'Missing expected CR before LF'],
  HPE_LF_EXPECTED: [400, 'Missing expected LF after CR'],
  HPE_HEADER_OVERFLOW: [431, 'Header overflow'],
} as const;

export type HttpHeadErrorCode = keyof typeof FAULTS;

/** The peer sent what is no head of HTTP/1.1, or too long a one. */
export class HttpHeadError extends Error {
  /** The name that node:http's parser has for the fault. */
  readonly code: HttpHeadErrorCode;

  constructor(code: HttpHeadErrorCode) {
    super(`Parse Error: ${FAULTS[code][1]}`);
    this.code = code;
  }

  /** The status to answer a request with (RFC 9112 §2.2, §3; RFC 6585 §5; RFC 9110 §15.6.6). */
  get statusCode(): 400 | 431 | 505 {
    return FAULTS[this.code][0];
  }
}
