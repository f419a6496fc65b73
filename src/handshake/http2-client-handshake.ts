import { type UpgradeRequestOptions, upgradeRequestHeaders } from './client-handshake.ts';
import { assertHeaderSafe } from './header-grammar.ts';
import { type Http2Fields, http2Fields } from './http2-fields.ts';
import { assertTarget } from './request-target.ts';

export interface ConnectRequestOptions extends Omit<UpgradeRequestOptions, 'key' | 'host'> {
  readonly secure: boolean;
  /** Host and port, where the caller's headers have no Host. */
  readonly authority: string;
}

/** What of an upgrade's headers is in the pseudo-headers, or has no meaning, over HTTP/2 (RFC 8441 §5). */
const LEFT_OUT: ReadonlySet<string> = new Set(['host', 'sec-websocket-key', 'sec-websocket-accept']);

/**
 * Returns the fields of a client's request over HTTP/2.
 *
 * @throws {TypeError} The target or a header has characters that don't belong there: codes ERR_UNESCAPED_CHARACTERS,
 *   ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
 * @see RFC 8441 §5
 */
export function connectRequestFields(options: ConnectRequestOptions): Http2Fields {
  assertTarget(options.target);
  const headers = upgradeRequestHeaders({ ...options, host: options.authority, key: '' });
  for (const [name, value] of headers) assertHeaderSafe(name, value);
  const [, authority] = headers.find(([name]) => name.toLowerCase() === 'host')!;
  return {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': options.secure ? 'https' : 'http',
    ':authority': authority,
    ':path': options.target,
    ...http2Fields(headers.filter(([name]) => !LEFT_OUT.has(name.toLowerCase()))),
  };
}

/** Tells whether a response's status accepts a CONNECT request (RFC 9110 §9.3.6). */
export function acceptsConnect(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}
