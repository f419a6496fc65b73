import { assertUtf8HeaderSafe } from './header-grammar.ts';
import { statusText } from './status-text.ts';

/** An HTTP answer that is not an upgrade. */
export interface Refusal {
  /** 200 to 599; others above go out without words of their own. */
  readonly statusCode: number;
  /** The body; the status's own words when empty. */
  readonly message: string;
  /** Further headers; they replace those of the same name, but for Content-Length. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>> | undefined;
}

/** The answer to a request that asks for no upgrade (RFC 9110 §15.5.22). */
export const PLAIN_HTTP_REFUSAL: Refusal = {
  statusCode: 426,
  message: 'Upgrade Required',
  headers: { Upgrade: 'websocket', Connection: 'Upgrade, close' },
};

/**
 * Serializes a whole HTTP response, after which the connection is to be closed. It is text to be written as UTF-8.
 *
 * @param method - The request's; the answer to HEAD has no body (RFC 9110 §9.3.2).
 * @throws {RangeError} Code ERR_HTTP_INVALID_STATUS_CODE: the status is not an integer from 200 to 999.
 * @throws {TypeError} Code ERR_INVALID_HTTP_TOKEN or ERR_INVALID_CHAR: a header could not be sent as it is.
 * @see RFC 9112 §4, RFC 9110 §15
 */
export function serializeRefusal(refusal: Refusal, method = 'GET'): string {
  const { reason, body, fields } = refusalParts(refusal, { Connection: 'close' });
  const lines = [`HTTP/1.1 ${refusal.statusCode} ${reason}`];
  for (const [name, value] of fields.values()) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`;
}

export interface RefusalParts {
  /** The words of the status. */
  readonly reason: string;
  readonly body: string;
  /** By their names in lower case. */
  readonly fields: ReadonlyMap<string, readonly [name: string, value: string]>;
}

/**
 * Returns what a refusal is made of, whatever the version of HTTP.
 *
 * @param defaults - Headers that come first, and that those of the refusal replace.
 * @throws {RangeError | TypeError} As {@link serializeRefusal}.
 */
export function refusalParts(
  { statusCode, message, headers = {} }: Refusal,
  defaults: Readonly<Record<string, string>> = {},
): RefusalParts {
  assertStatusCode(statusCode);
  const reason = statusText(statusCode);
  const body = message || reason;
  const fields = new Map<string, readonly [name: string, value: string]>();
  const set = (name: string, value: string) => fields.set(name.toLowerCase(), [name, value]);
  for (const [name, value] of Object.entries(defaults)) set(name, value);
  // Not HTML: nothing in the message is to be interpreted.
  set('Content-Type', 'text/plain; charset=utf-8');
  set('Content-Length', String(utf8Length(body)));
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'content-length') set(name, String(value));
  }
  for (const [name, value] of fields.values()) assertUtf8HeaderSafe(name, value);
  return { reason, body, fields };
}

/** JavaScript callers can bring anything from their `verifyClient`. */
function assertStatusCode(statusCode: number): void {
  if (Number.isInteger(statusCode) && statusCode >= 200 && statusCode <= 999) return;
  const error = new RangeError(`Invalid status code: ${statusCode}`);
  throw Object.assign(error, { code: 'ERR_HTTP_INVALID_STATUS_CODE' });
}

/** Bytes of `text` in UTF-8, where a lone surrogate becomes U+FFFD. */
function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
  }
  return length;
}
