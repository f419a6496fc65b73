import { acceptFor, type Sha1Base64 } from './accept-key.ts';
import {
  checkDeflateResponse,
  type DeflateNegotiationOptions,
  type DeflateParameters,
  EXTENSION_NAME,
} from './deflate-offer.ts';
import { type HeaderFields, headerText } from './header-fields.ts';
import { assertHeaderSafe, type ExtensionOffer, hasToken, parseExtensionHeader } from './header-grammar.ts';
import { assertTarget } from './request-target.ts';

/** The server's answer to an opening handshake can't be accepted (RFC 6455 §4.1). */
export class HandshakeError extends Error {}

export interface UpgradeRequestOptions {
  /** Path and query. */
  readonly target: string;
  /** The Host header's value; `undefined` where somebody else adds it. */
  readonly host: string | undefined;
  readonly key: string;
  readonly version: 8 | 13;
  readonly subprotocols: readonly string[];
  readonly extensions: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
  /** Further headers; of those of the handshake they replace Host and Authorization alone. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
}

/**
 * Returns the headers of a client's request, names and order as `ws` and node:http send them: the caller's stand
 * first, and those of the handshake replace them, but for Host and Authorization.
 *
 * @see RFC 6455 §4.1
 */
export function upgradeRequestHeaders(options: UpgradeRequestOptions): Array<[name: string, value: string]> {
  const headers = new Map<string, [name: string, values: readonly string[]]>();
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers.set(name.toLowerCase(), [name, givenValues(name, value)]);
  }
  for (const [name, value] of handshakeHeaders(options)) {
    if (value !== undefined) headers.set(name.toLowerCase(), [name, [value]]);
  }
  for (const [name, value] of defaultHeaders(options)) {
    if (value !== undefined && !headers.has(name.toLowerCase())) {
      headers.set(name.toLowerCase(), [name, [value]]);
    }
  }
  return [...headers.values()].flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
}

/**
 * Serializes the head of a client's request: Latin-1 text.
 *
 * @throws {TypeError} The target or a header has characters that don't belong there: codes ERR_UNESCAPED_CHARACTERS,
 *   ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
 * @see RFC 6455 §4.1, RFC 9112 §3
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

/** What was offered. */
export interface ExpectedAgreement {
  readonly subprotocols: readonly string[];
  /** What was offered; `undefined` when no extension was. */
  readonly deflate: DeflateNegotiationOptions | undefined;
}

export interface ExpectedUpgrade extends ExpectedAgreement {
  readonly key: string;
}

/** What a server agreed to. */
export interface ServerAgreement {
  readonly subprotocol: string;
  readonly deflate: DeflateParameters | undefined;
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
): ServerAgreement {
  if (headerText(headers, 'upgrade')?.toLowerCase() !== 'websocket') {
    throw new HandshakeError('Invalid Upgrade header');
  }
  if (!hasToken(headerText(headers, 'connection') ?? '', 'upgrade')) {
    throw new HandshakeError('Invalid Connection header');
  }
  if (headerText(headers, 'sec-websocket-accept') !== acceptFor(expected.key, sha1Base64)) {
    throw new HandshakeError('Invalid Sec-WebSocket-Accept header');
  }
  return checkAgreement(headers, expected);
}

/**
 * Checks what a response agrees to, over HTTP/1.1 or HTTP/2.
 *
 * @throws {HandshakeError} It is not what was offered.
 * @see RFC 6455 §4.1 "If the response..." items 5 and 6
 */
export function checkAgreement(headers: HeaderFields, expected: ExpectedAgreement): ServerAgreement {
  return {
    subprotocol: checkSubprotocol(headerText(headers, 'sec-websocket-protocol'), expected.subprotocols),
    deflate: checkExtensions(headerText(headers, 'sec-websocket-extensions'), expected.deflate),
  };
}

type OptionalHeader = readonly [name: string, value: string | undefined];

function handshakeHeaders(options: UpgradeRequestOptions): OptionalHeader[] {
  return [
    ['Sec-WebSocket-Version', String(options.version)],
    ['Sec-WebSocket-Key', options.key],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Extensions', options.extensions],
    ['Sec-WebSocket-Protocol', options.subprotocols.join(',') || undefined],
    [options.version === 13 ? 'Origin' : 'Sec-WebSocket-Origin', options.origin || undefined],
  ];
}

function defaultHeaders(options: UpgradeRequestOptions): OptionalHeader[] {
  return [
    ['Host', options.host],
    ['Authorization', options.authorization],
  ];
}

/** A list goes out as a line for each value; cookies have to be in one (RFC 6265 §5.4). */
function givenValues(name: string, value: string | number | readonly string[]): string[] {
  const values = [value].flat().map(String);
  return name.toLowerCase() === 'cookie' ? [values.join('; ')] : values;
}

function checkSubprotocol(header: string | undefined, requested: readonly string[]): string {
  if (header === undefined) {
    if (requested.length > 0) throw new HandshakeError('Server sent no subprotocol');
    return '';
  }
  if (requested.length === 0) throw new HandshakeError('Server sent a subprotocol but none was requested');
  // Our own text, as the header's would keep the whole head in memory.
  const chosen = requested.find((subprotocol) => subprotocol === header);
  if (chosen === undefined) throw new HandshakeError('Server sent an invalid subprotocol');
  return chosen;
}

function checkExtensions(
  header: string | undefined,
  offered: DeflateNegotiationOptions | undefined,
): DeflateParameters | undefined {
  if (header === undefined) return undefined;
  if (offered === undefined) {
    throw new HandshakeError('Server sent a Sec-WebSocket-Extensions header but no extension was requested');
  }
  const accepted = orInvalidExtensions(() => parseExtensionHeader(header));
  if (accepted.some(({ name }) => name !== EXTENSION_NAME)) {
    throw new HandshakeError('Server indicated an extension that was not requested');
  }
  return orInvalidExtensions(() => checkDeflateResponse(onlyOne(accepted), offered));
}

/** RFC 7692 §5.1: one offer is accepted at most; `ws` goes by the first element here. */
function onlyOne(accepted: readonly ExtensionOffer[]): ExtensionOffer {
  if (accepted.length > 1) throw new Error('The extension was accepted more than once');
  return accepted[0]!;
}

function orInvalidExtensions<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new HandshakeError('Invalid Sec-WebSocket-Extensions header', { cause });
  }
}
