import { acceptFor, isValidKey, type Sha1Base64 } from './accept-key.ts';
import {
  acceptDeflateOffers,
  type DeflateNegotiationOptions,
  type DeflateParameters,
} from './deflate-offer.ts';
import { assertHeaderSafe, hasToken, parseExtensionHeader } from './header-grammar.ts';
import type { HeaderFields } from './http-head.ts';
import { parseSubprotocolHeader } from './subprotocol.ts';

/** What of a request counts; an http.IncomingMessage fits. */
export interface HandshakeRequest {
  readonly method?: string | undefined;
  readonly httpVersion?: string | undefined;
  readonly headers: HeaderFields;
}

/** An HTTP answer that is not an upgrade. */
export interface Refusal {
  readonly statusCode: number;
  /** The body; the status's own words when empty. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request that can be upgraded. */
export interface Upgrade {
  readonly key: string;
  readonly version: 8 | 13;
  readonly subprotocols: Set<string>;
  readonly deflate: { readonly parameters: DeflateParameters; readonly response: string } | undefined;
}

export type UpgradeDecision =
  | { readonly upgrade: Upgrade; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly upgrade?: undefined };

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

/** The answer to a request that asks for no upgrade (RFC 9110 §15.5.22). */
export const PLAIN_HTTP_REFUSAL: Refusal = {
  statusCode: 426,
  message: 'Upgrade Required',
  headers: { Upgrade: 'websocket' },
};

/**
 * Decides over a request to upgrade.
 *
 * @param deflate - `undefined` when permessage-deflate is off.
 * @see RFC 6455 §4.2.1, §4.2.2
 */
export function decideUpgrade(
  request: HandshakeRequest,
  deflate: DeflateNegotiationOptions | undefined,
): UpgradeDecision {
  const { headers } = request;
  const key = headers['sec-websocket-key'];
  const version = readVersion(headers['sec-websocket-version']);
  const { upgrade, connection } = headers;
  if (request.method !== 'GET') return refused(405, 'Invalid HTTP method');
  if (request.httpVersion === '1.0') return refused(400, 'Invalid HTTP version');
  if (typeof upgrade !== 'string' || upgrade.toLowerCase() !== 'websocket') {
    return refused(400, 'Invalid Upgrade header');
  }
  if (typeof connection !== 'string' || !hasToken(connection, 'upgrade')) {
    return refused(400, 'Invalid Connection header');
  }
  if (typeof key !== 'string' || !isValidKey(key)) {
    return refused(400, 'Missing or invalid Sec-WebSocket-Key header');
  }
  if (version === undefined) return { refusal: UNSUPPORTED_VERSION };
  const subprotocols = readSubprotocols(headers['sec-websocket-protocol']);
  if (subprotocols === undefined) return refused(400, 'Invalid Sec-WebSocket-Protocol header');
  try {
    return { upgrade: { key, version, subprotocols, deflate: readDeflate(headers, deflate) } };
  } catch {
    return refused(400, 'Invalid or unacceptable Sec-WebSocket-Extensions header');
  }
}

/** RFC 6455 §4.2.2 item 4 and §4.4: the answer to a version that the server doesn't speak names those that it does. */
const UNSUPPORTED_VERSION: Refusal = {
  statusCode: 426,
  message: 'Missing or invalid Sec-WebSocket-Version header',
  headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13, 8' },
};

/**
 * Returns the lines of the response that upgrades, without their line ends (RFC 6455 §4.2.2 item 5).
 *
 * @throws {TypeError} `subprotocol` is nothing that a header can hold.
 */
export function upgradeResponseLines(
  key: string,
  sha1Base64: Sha1Base64,
  subprotocol: string | false | undefined,
  extensions: string | undefined,
): string[] {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptFor(key, sha1Base64)}`,
  ];
  if (subprotocol) {
    assertHeaderSafe('Sec-WebSocket-Protocol', subprotocol);
    lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  }
  if (extensions !== undefined) lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
  return lines;
}

/**
 * Serializes a whole HTTP response, after which the connection is to be closed.
 *
 * @throws {TypeError} A header could not be sent as it is.
 */
export function serializeRefusal({ statusCode, message, headers }: Refusal): string {
  const reason = REASON_PHRASES[statusCode] ?? 'Unknown';
  const body = message || reason;
  const fields = {
    Connection: headers?.Upgrade === undefined ? 'close' : 'Upgrade, close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(utf8Length(body)),
    ...headers,
  };
  const lines = [`HTTP/1.1 ${statusCode} ${reason}`];
  for (const [name, value] of Object.entries(fields)) {
    assertHeaderSafe(name, value);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function refused(statusCode: number, message: string): UpgradeDecision {
  return { refusal: { statusCode, message } };
}

function readVersion(header: string | string[] | undefined): 8 | 13 | undefined {
  if (header === '13') return 13;
  return header === '8' ? 8 : undefined;
}

function readSubprotocols(header: string | string[] | undefined): Set<string> | undefined {
  if (header === undefined) return new Set();
  try {
    return parseSubprotocolHeader(String(header));
  } catch {
    return undefined;
  }
}

function readDeflate(
  headers: HeaderFields,
  options: DeflateNegotiationOptions | undefined,
): Upgrade['deflate'] {
  const header = headers['sec-websocket-extensions'];
  if (options === undefined || header === undefined) return undefined;
  return acceptDeflateOffers(parseExtensionHeader(String(header)), options);
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
  }
  return length;
}
