import { acceptFor, isValidKey, type Sha1Base64 } from './accept-key.ts';
import { type HeaderFields, headerText } from './header-fields.ts';
import { assertUtf8HeaderSafe, trimWhitespace } from './header-grammar.ts';
import { type Http2Fields, hasConnectionField, http2Fields } from './http2-fields.ts';
import { type Refusal, refusalParts } from './refusal.ts';
import { isTarget } from './request-target.ts';
import {
  agreementLines,
  assertLinesSafe,
  checkVersion,
  type OpeningDecision,
  refused,
} from './server-handshake.ts';

/** Tells whether a request over HTTP/2 asks for a WebSocket (RFC 8441 §4, §5). */
export function asksForWebSocket(headers: HeaderFields): boolean {
  return (
    headerText(headers, ':method') === 'CONNECT' &&
    headerText(headers, ':protocol')?.toLowerCase() === 'websocket'
  );
}

/**
 * Checks whether a request over HTTP/2 is an opening handshake. Keys prove nothing there: any will do, and none.
 *
 * @see RFC 8441 §5, RFC 9113 §8.2.2
 */
export function checkConnectRequest(headers: HeaderFields): OpeningDecision {
  if (!asksForWebSocket(headers)) return refused(501, 'Unsupported protocol');
  const scheme = headerText(headers, ':scheme');
  if (scheme !== 'https' && scheme !== 'http') return refused(400, 'Invalid :scheme');
  const path = headerText(headers, ':path') ?? '';
  if (!path.startsWith('/') || !isTarget(path)) return refused(400, 'Invalid :path');
  if (hasConnectionField(headers)) return refused(400, 'Invalid header of a connection');
  return checkVersion(headers);
}

/** The answer to whatever is no extended CONNECT, by a server that has nothing else (RFC 9110 §15.5.6, RFC 9220 §3). */
export function plainHttp2Refusal(headers: HeaderFields): Refusal {
  if (headerText(headers, ':method') === 'CONNECT')
    return { statusCode: 501, message: 'Unsupported protocol' };
  return { statusCode: 405, message: 'Only WebSockets', headers: { Allow: 'CONNECT' } };
}

/**
 * Returns the lines of the response that accepts, as listeners of 'headers' get them. A key, which RFC 8441 leaves out, is
 * answered where it came: undici's client wants that.
 *
 * @throws {TypeError} Code ERR_INVALID_CHAR: `subprotocol` or `extensions` is nothing that a header can hold.
 * @see RFC 8441 §5
 */
export function connectResponseLines(
  headers: HeaderFields,
  sha1Base64: Sha1Base64,
  subprotocol: string | undefined,
  extensions: string | undefined,
): string[] {
  const key = headerText(headers, 'sec-websocket-key') ?? '';
  const accept = isValidKey(key) ? [`Sec-WebSocket-Accept: ${acceptFor(key, sha1Base64)}`] : [];
  return [':status: 200', ...accept, ...agreementLines(subprotocol, extensions)];
}

/**
 * Returns the response that accepts, from {@link connectResponseLines} and what listeners added; fields that only
 * HTTP/1.1 has are left out. The values are text to be written as UTF-8.
 *
 * @throws {TypeError} A line is no header: codes ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
 */
export function connectResponse(lines: readonly string[]): Http2Fields {
  assertLinesSafe(lines);
  const [, ...rest] = lines;
  return { ':status': '200', ...http2Fields(rest.map(splitLine)) };
}

/** A response that refuses. */
export interface ConnectRefusal {
  readonly fields: Http2Fields;
  /** `undefined` where the status has none. */
  readonly body: string | undefined;
}

/** Statuses whose responses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Returns the response that refuses. The values, and the body, are text to be written as UTF-8.
 *
 * @throws {RangeError} Code ERR_HTTP_INVALID_STATUS_CODE: the status is not an integer from 300 to 999; one below would
 *   open the stream (RFC 9110 §9.3.6).
 * @throws {TypeError} Code ERR_INVALID_HTTP_TOKEN or ERR_INVALID_CHAR: a header could not be sent as it is.
 */
export function connectRefusal(refusal: Refusal): ConnectRefusal {
  const { body, fields } = refusalParts(refusal);
  const { statusCode } = refusal;
  if (statusCode < 300) {
    const error = new RangeError(`Invalid status code: ${statusCode} accepts a CONNECT request`);
    throw Object.assign(error, { code: 'ERR_HTTP_INVALID_STATUS_CODE' });
  }
  const empty = WITHOUT_CONTENT.has(statusCode);
  const sent = [...fields.values()].filter(([name]) => !(empty && name.toLowerCase() === 'content-length'));
  return {
    fields: { ':status': String(statusCode), ...http2Fields(sent) },
    body: empty ? undefined : body,
  };
}

function splitLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = trimWhitespace(line.slice(colon + 1));
  assertUtf8HeaderSafe(name, value);
  return [name, value];
}
