import { type HeaderFields, headerText } from './header-fields.ts';
import { trimWhitespace } from './header-grammar.ts';

/** The fields of a message over HTTP/2, by names in lower case; those of pseudo-headers begin with a colon. */
export type Http2Fields = Record<string, string | string[]>;

/** What says something of one connection of HTTP/1.1, and has no place in HTTP/2 (RFC 9113 §8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Tells whether a message has a field that makes it malformed in HTTP/2.
 *
 * @see RFC 9113 §8.2.2
 */
export function hasConnectionField(headers: HeaderFields): boolean {
  for (const name of CONNECTION_FIELDS) if (headers[name] !== undefined) return true;
  const te = headerText(headers, 'te');
  return te !== undefined && !isTrailers(te);
}

/** Gathers fields for a message over HTTP/2: those that only HTTP/1.1 has are left out. */
export function http2Fields(fields: Iterable<readonly [name: string, value: string]>): Http2Fields {
  const gathered: Http2Fields = Object.create(null);
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (CONNECTION_FIELDS.has(lower)) continue;
    if (lower === 'te') {
      if (isTrailers(value)) gathered.te = 'trailers';
      continue;
    }
    const before = gathered[lower];
    gathered[lower] = before === undefined ? value : [before, value].flat();
  }
  return gathered;
}

/** The only value of TE that HTTP/2 has. */
function isTrailers(te: string): boolean {
  return trimWhitespace(te).toLowerCase() === 'trailers';
}
