import { createHash } from 'node:crypto';

/** The base64 of the SHA-1 of `text`, as RFC 6455 §4.2.2 wants it. */
export function sha1Base64(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
