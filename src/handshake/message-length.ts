import type { RequestHead } from './http-head.ts';

/**
 * Tells whether what a head says of its body's length is wrong, or could be read in two ways: a proxy before the server
 * could see another request in what follows it.
 *
 * @see RFC 9112 §6.1, §6.3
 */
export function hasDoubtfulLength({
  headers,
  rawHeaders,
}: Pick<RequestHead, 'headers' | 'rawHeaders'>): boolean {
  const length = headers['content-length'];
  if (length === undefined) return false;
  if (headers['transfer-encoding'] !== undefined || !isDecimal(String(length))) return true;
  let given = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'content-length') given++;
  }
  return given > 1;
}

function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > 0;
}
