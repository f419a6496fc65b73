import { acceptFor, type Sha1Base64 } from './accept-key.ts';
import {
  checkDeflateResponse,
  type DeflateNegotiationOptions,
  type DeflateParameters,
  EXTENSION_NAME,
} from './deflate-offer.ts';
import { assertHeaderSafe, type ExtensionOffer, hasToken, parseExtensionHeader } from './header-grammar.ts';
import type { HeaderFields } from './http-head.ts';

/** The server's answer to an opening handshake can't be accepted (RFC 6455 §4.1). */
export class HandshakeError extends Error {}

export interface UpgradeRequestOptions {
  /** Path and query. */
  readonly target: string;
  /** The Host header's value. */
  readonly host: string;
  readonly key: string;
  readonly version: 8 | 13;
  readonly subprotocols: readonly string[];
  readonly extensions: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
  /** Further headers; they replace those of the handshake that have the same name. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
}

/** Returns the headers of a client's request in their order (RFC 6455 §4.1). */
export function upgradeRequestHeaders(options: UpgradeRequestOptions): Array<[string, string]> {
  const own: Array<[string, string | undefined]> = [
    ['Sec-WebSocket-Version', String(options.version)],
    ['Sec-WebSocket-Key', options.key],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Extensions', options.extensions],
    ['Sec-WebSocket-Protocol', options.subprotocols.join(',') || undefined],
    [options.version === 13 ? 'Origin' : 'Sec-WebSocket-Origin', options.origin],
    ['Authorization', options.authorization],
    ['Host', options.host],
  ];
  const given = Object.entries(options.headers ?? {}).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, String(one)]),
  );
  const replaced = new Set(given.map(([name]) => name.toLowerCase()));
  const kept = own.filter(
    (header): header is [string, string] => header[1] !== undefined && !replaced.has(header[0].toLowerCase()),
  );
  return [...kept, ...given];
}

/**
 * Serializes the head of a client's request.
 *
 * @throws {TypeError} The target or a header has characters that don't belong there: codes ERR_UNESCAPED_CHARACTERS,
 *   ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
 */
export function serializeUpgradeRequest(options: UpgradeRequestOptions): string {
  assertTarget(options.target);
  const lines = [`GET ${options.target} HTTP/1.1`];
  for (const [name, value] of upgradeRequestHeaders(options)) {
    assertHeaderSafe(name, value);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export interface ExpectedUpgrade {
  readonly key: string;
  readonly subprotocols: readonly string[];
  /** What was offered; `undefined` when no extension was. */
  readonly deflate: DeflateNegotiationOptions | undefined;
}

/**
 * Checks the headers of a 101 response.
 *
 * @throws {HandshakeError} The server's answer is not one to this request.
 * @see RFC 6455 §4.1 "If the response..."
 */
export function checkUpgradeResponse(
  { headers }: { readonly headers: HeaderFields },
  expected: ExpectedUpgrade,
  sha1Base64: Sha1Base64,
): { subprotocol: string; deflate: DeflateParameters | undefined } {
  const { upgrade, connection } = headers;
  if (typeof upgrade !== 'string' || upgrade.toLowerCase() !== 'websocket') {
    throw new HandshakeError('Invalid Upgrade header');
  }
  if (typeof connection !== 'string' || !hasToken(connection, 'upgrade')) {
    throw new HandshakeError('Invalid Connection header');
  }
  if (headers['sec-websocket-accept'] !== acceptFor(expected.key, sha1Base64)) {
    throw new HandshakeError('Invalid Sec-WebSocket-Accept header');
  }
  return {
    subprotocol: checkSubprotocol(headers['sec-websocket-protocol'], expected.subprotocols),
    deflate: checkExtensions(headers['sec-websocket-extensions'], expected.deflate),
  };
}

function assertTarget(target: string): void {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code > 0x7e) {
      const error = new TypeError('Request path contains unescaped characters');
      throw Object.assign(error, { code: 'ERR_UNESCAPED_CHARACTERS' });
    }
  }
}

function checkSubprotocol(header: string | string[] | undefined, requested: readonly string[]): string {
  if (header === undefined) {
    if (requested.length > 0) throw new HandshakeError('Server sent no subprotocol');
    return '';
  }
  if (requested.length === 0) throw new HandshakeError('Server sent a subprotocol but none was requested');
  if (typeof header !== 'string' || !requested.includes(header)) {
    throw new HandshakeError('Server sent an invalid subprotocol');
  }
  return header;
}

function checkExtensions(
  header: string | string[] | undefined,
  offered: DeflateNegotiationOptions | undefined,
): DeflateParameters | undefined {
  if (header === undefined) return undefined;
  if (offered === undefined) {
    throw new HandshakeError('Server sent a Sec-WebSocket-Extensions header but no extension was requested');
  }
  const [accepted, ...more] = readExtensions(String(header));
  if (accepted?.name !== EXTENSION_NAME || more.length > 0) {
    throw new HandshakeError('Server indicated an extension that was not requested');
  }
  try {
    return checkDeflateResponse(accepted, offered);
  } catch (error) {
    throw new HandshakeError('Invalid Sec-WebSocket-Extensions header', { cause: error });
  }
}

function readExtensions(header: string): ExtensionOffer[] {
  try {
    return parseExtensionHeader(header);
  } catch (error) {
    throw new HandshakeError('Invalid Sec-WebSocket-Extensions header', { cause: error });
  }
}
