/** Header values by their names in lower case, joined as node:http joins them; without a prototype. */
export type HeaderFields = Record<string, string | string[] | undefined>;

/** Headers of which node:http keeps the first and drops further ones. */
const KEPT_ONCE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/**
 * Gathers the lines of a head by name (RFC 9110 §5.2, §5.3).
 *
 * @param rawHeaders - Names and values in turn.
 */
export function joinHeaderFields(rawHeaders: readonly string[]): HeaderFields {
  const headers: HeaderFields = Object.create(null);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    headers[name] = joined(name, headers[name], rawHeaders[i + 1]!);
  }
  return headers;
}

/** Returns the value of a header as one text; `undefined` when it is not there. */
export function headerText(headers: HeaderFields, name: string): string | undefined {
  const value = headers[name];
  // Requests that frameworks make up have numbers here, against the type.
  return value === undefined ? undefined : String(value);
}

function joined(name: string, before: string | string[] | undefined, value: string): string | string[] {
  if (name === 'set-cookie') return [...(before ?? []), value];
  if (before === undefined) return value;
  if (KEPT_ONCE.has(name)) return before;
  return `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
}
