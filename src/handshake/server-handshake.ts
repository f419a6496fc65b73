import { acceptFor, isValidKey, type Sha1Base64 } from './accept-key.ts';
import {
  acceptDeflateOffers,
  type DeflateNegotiationOptions,
  type DeflateParameters,
} from './deflate-offer.ts';
import { type HeaderFields, headerText } from './header-fields.ts';
import { assertHeaderSafe, hasToken, isUtf8LineSafe, parseExtensionHeader } from './header-grammar.ts';
import type { Refusal } from './refusal.ts';
import { parseSubprotocolHeader } from './subprotocol.ts';

export { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from './refusal.ts';
export { STATUS_TEXT } from './status-text.ts';

/** What of a request counts; an http.IncomingMessage fits. */
export interface HandshakeRequest {
  readonly method?: string | undefined;
  /** Not checked where it is left out. */
  readonly httpVersion?: string | undefined;
  readonly headers: HeaderFields;
}

/** An opening handshake whose offers are not looked at yet, over HTTP/1.1 or HTTP/2. */
export interface Opening {
  readonly version: 8 | 13;
  readonly headers: HeaderFields;
}

/** One over HTTP/1.1. */
export interface UpgradeOpening extends Opening {
  readonly key: string;
}

export type OpeningDecision<O extends Opening = Opening> =
  | { readonly opening: O; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly opening?: undefined };

/** What an opening handshake that can be accepted comes to. */
export interface Negotiation {
  readonly version: 8 | 13;
  /** What the client offers, in its order of preference. */
  readonly subprotocols: Set<string>;
  /** What was agreed, and the response's header for it; `undefined` without the extension. */
  readonly deflate: { readonly parameters: DeflateParameters; readonly response: string } | undefined;
}

export type NegotiationDecision =
  | { readonly negotiation: Negotiation; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly negotiation?: undefined };

/** A request that can be upgraded. */
export interface Upgrade extends Negotiation {
  readonly key: string;
}

export type UpgradeDecision =
  | { readonly upgrade: Upgrade; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly upgrade?: undefined };

/**
 * Decides over a request to upgrade: {@link checkUpgradeRequest}, then {@link negotiateOpening}. A caller with a check
 * of its own for between them, such as the path's, calls the two.
 *
 * @param deflate - `undefined` when permessage-deflate is off.
 * @see RFC 6455 §4.2.1, §4.2.2
 */
export function decideUpgrade(
  request: HandshakeRequest,
  deflate: DeflateNegotiationOptions | undefined,
): UpgradeDecision {
  const { opening, refusal } = checkUpgradeRequest(request);
  if (refusal !== undefined) return { refusal };
  const decision = negotiateOpening(opening, deflate);
  if (decision.refusal !== undefined) return { refusal: decision.refusal };
  return { upgrade: { ...decision.negotiation, key: opening.key } };
}

/**
 * Checks whether a request is an opening handshake.
 *
 * @see RFC 6455 §4.2.1
 */
export function checkUpgradeRequest(request: HandshakeRequest): OpeningDecision<UpgradeOpening> {
  const { method, httpVersion, headers } = request;
  if (method !== 'GET') return refused(405, 'Invalid HTTP method', { Allow: 'GET' });
  if (httpVersion === '1.0') return refused(400, 'Invalid HTTP version');
  if (headerText(headers, 'upgrade')?.toLowerCase() !== 'websocket') {
    return refused(400, 'Invalid Upgrade header');
  }
  if (!hasToken(headerText(headers, 'connection') ?? '', 'upgrade')) {
    return refused(400, 'Invalid Connection header');
  }
  const key = headerText(headers, 'sec-websocket-key') ?? '';
  if (!isValidKey(key)) return refused(400, 'Missing or invalid Sec-WebSocket-Key header');
  const { opening, refusal } = checkVersion(headers);
  return refusal === undefined ? { opening: { ...opening, key } } : { refusal };
}

/**
 * Checks which version of the protocol is asked for.
 *
 * @see RFC 6455 §4.2.1 item 6
 */
export function checkVersion(headers: HeaderFields): OpeningDecision {
  const version = readVersion(headers);
  if (version !== undefined) return { opening: { version, headers } };
  // RFC 6455 §4.2.2 item 4 and §4.4: the answer names the versions that there are. Its status may be 400 or 426.
  return refused(400, 'Missing or invalid Sec-WebSocket-Version header', {
    'Sec-WebSocket-Version': '13, 8',
  });
}

/**
 * Reads what an opening handshake offers, and agrees to a part of it.
 *
 * @param deflate - `undefined` when permessage-deflate is off: any extensions are ignored then, also bad ones.
 * @see RFC 6455 §4.2.2 items 5 and 6, §9.1; RFC 7692 §5.1
 */
export function negotiateOpening(
  { version, headers }: Opening,
  deflate: DeflateNegotiationOptions | undefined,
): NegotiationDecision {
  const subprotocols = attempt(() => readSubprotocols(headers));
  if (subprotocols === undefined) return refused(400, 'Invalid Sec-WebSocket-Protocol header');
  const extensions = attempt(() => ({ deflate: readDeflate(headers, deflate) }));
  if (extensions === undefined) {
    return refused(400, 'Invalid or unacceptable Sec-WebSocket-Extensions header');
  }
  return { negotiation: { version, subprotocols, deflate: extensions.deflate } };
}

/**
 * Returns the lines of the response that upgrades, without their line ends (RFC 6455 §4.2.2 item 5).
 *
 * @throws {TypeError} Code ERR_INVALID_CHAR: `subprotocol` or `extensions` is nothing that a header can hold.
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
  return [...lines, ...agreementLines(subprotocol, extensions)];
}

/**
 * Returns the lines that tell a client what was agreed to.
 *
 * @throws {TypeError} Code ERR_INVALID_CHAR: `subprotocol` or `extensions` is nothing that a header can hold.
 */
export function agreementLines(
  subprotocol: string | false | undefined,
  extensions: string | undefined,
): string[] {
  const lines: string[] = [];
  if (subprotocol) lines.push(headerLine('Sec-WebSocket-Protocol', subprotocol));
  if (extensions !== undefined) lines.push(headerLine('Sec-WebSocket-Extensions', extensions));
  return lines;
}

/**
 * Serializes the head of the response that upgrades, from {@link upgradeResponseLines} and what listeners added. It is
 * text to be written as UTF-8.
 *
 * @throws {TypeError} Code ERR_INVALID_CHAR: a line is empty or has a control character, and would end the head early.
 */
export function serializeUpgradeResponse(lines: readonly string[]): string {
  assertLinesSafe(lines);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** @throws {TypeError} Code ERR_INVALID_CHAR: a line is empty or has a control character. */
export function assertLinesSafe(lines: readonly string[]): void {
  for (const line of lines) {
    if (line === '' || !isUtf8LineSafe(line)) {
      const error = new TypeError(`Invalid character in header content [${JSON.stringify(line)}]`);
      throw Object.assign(error, { code: 'ERR_INVALID_CHAR' });
    }
  }
}

/** Makes the decision to refuse. */
export function refused(
  statusCode: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): { readonly refusal: Refusal } {
  return { refusal: { statusCode, message, headers } };
}

function headerLine(name: string, value: string): string {
  assertHeaderSafe(name, value);
  return `${name}: ${value}`;
}

function readVersion(headers: HeaderFields): 8 | 13 | undefined {
  const version = headerText(headers, 'sec-websocket-version');
  if (version === '13') return 13;
  return version === '8' ? 8 : undefined;
}

/** Of all that offer none; nobody gets to see it. */
const NO_SUBPROTOCOLS: Set<string> = new Set();

function readSubprotocols(headers: HeaderFields): Set<string> {
  const header = headerText(headers, 'sec-websocket-protocol');
  return header === undefined ? NO_SUBPROTOCOLS : parseSubprotocolHeader(header);
}

function readDeflate(
  headers: HeaderFields,
  options: DeflateNegotiationOptions | undefined,
): Negotiation['deflate'] {
  const header = headerText(headers, 'sec-websocket-extensions');
  if (options === undefined || header === undefined) return undefined;
  return acceptDeflateOffers(parseExtensionHeader(header), options);
}

/** `undefined` in place of an error: what is wrong with a peer's header is not told to it. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
