import type { Retry } from '../wire/hub-close-code.ts';

/** Codes alone: with the meanings of `HubCloseCode` they would be a tenth of what a page loads. A test compares the two. */
const NEVER = [1000, 1008, 4400, 4401, 4403, 4409];
const LATER = [1011, 1013, 4408, 4429];

/** The close code of an authorization that is missing or has expired. */
export const UNAUTHORIZED = 4401;

/** The code of a client that gives a connection up, and comes back. */
export const ABANDONED = 4499;

/** Tells whether a client comes back after a close with `code`; after one that is unknown, it does. */
export function retryAfter(code: number): Retry {
  if (NEVER.includes(code)) return 'never';
  return LATER.includes(code) ? 'later' : 'now';
}
