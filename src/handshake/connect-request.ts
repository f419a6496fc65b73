import { assertHeaderSafe } from './header-grammar.ts';

export interface ConnectRequestOptions {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number | string;
  /** Further headers; they replace Host and Proxy-Authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** The Proxy-Authorization header, where `headers` has none. */
  readonly authorization: string | undefined;
}

/**
 * Serializes the head of a request to a proxy for a tunnel: Latin-1 text.
 *
 * @throws {TypeError} A header has characters that don't belong there: codes ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
 * @see RFC 9110 §9.3.6, RFC 9112 §3.2.3
 */
export function serializeConnectRequest(options: ConnectRequestOptions): string {
  const { host, port, headers, authorization } = options;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const fields = new Map<string, readonly [name: string, value: string]>();
  fields.set('host', ['Host', authority]);
  if (authorization !== undefined) fields.set('proxy-authorization', ['Proxy-Authorization', authorization]);
  for (const [name, value] of Object.entries(headers)) fields.set(name.toLowerCase(), [name, value]);
  let head = `CONNECT ${authority} HTTP/1.1\r\n`;
  for (const [name, value] of fields.values()) {
    assertHeaderSafe(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}
