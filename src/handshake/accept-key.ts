/** Hashes Latin-1 text with SHA-1 and returns the digest in base64; the layer above brings it. */
export type Sha1Base64 = (text: string) => string;

/** RFC 6455 §1.3 and §4.2.2: what the key is joined with. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Base64 of 16 bytes: 22 characters and two of padding. */
const KEY_LENGTH = 24;
const PADDING_START = 22;

/** Tells whether `key` can be the base64 of 16 bytes (RFC 6455 §4.2.1 item 5). */
export function isValidKey(key: string): boolean {
  if (key.length !== KEY_LENGTH || !key.endsWith('==')) return false;
  for (let i = 0; i < PADDING_START; i++) if (!isBase64CharCode(key.charCodeAt(i))) return false;
  return true;
}

/** Returns the Sec-WebSocket-Accept value that answers `key` (RFC 6455 §4.2.2 item 5). */
export function acceptFor(key: string, sha1Base64: Sha1Base64): string {
  return sha1Base64(key + GUID);
}

function isBase64CharCode(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2b ||
    code === 0x2f
  );
}
