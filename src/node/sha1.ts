import * as crypto from 'node:crypto';

/** The base64 of the SHA-1 of `text`, as RFC 6455 §4.2.2 wants it. */
export const sha1Base64: (text: string) => string =
  // In one call, where there is one: Deno and Bun may have none.
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha1', text, 'base64')
    : (text) => crypto.createHash('sha1').update(text).digest('base64');
