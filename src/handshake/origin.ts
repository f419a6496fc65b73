import { type HeaderFields, headerText } from './header-fields.ts';

/** Which web pages may connect: those of this server's own origin, all, or those of the origins that are named. */
export type AllowedOrigins = 'same-origin' | 'any' | readonly string[];

/** What the origin of a request is compared with. */
export interface OriginRequest {
  readonly headers: HeaderFields;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** What stands for pages without an origin: sandboxed frames, files (RFC 6454 §7.3); only a list can name it. */
const NO_ORIGIN = 'null';

/** A letter, and letters, digits and `+-.` (RFC 3986 §3.1). */
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
/** A name or an IPv4 address of what URLs leave in them, or an IPv6 address in brackets. */
const HOST = /^(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])$/i;
const PORT = /^[0-9]{1,5}$/;

/**
 * Tells whether a request may upgrade, by where its page is from. One without an Origin header may: no browser sends it,
 * and whoever else does can write into that header what it likes.
 *
 * @see RFC 6455 §4.2.2 item 4, §10.2; RFC 6454 §7
 */
export function isOriginAllowed(allowed: AllowedOrigins, request: OriginRequest): boolean {
  if (allowed === 'any') return true;
  const own = allowed === 'same-origin' ? ownOrigin(request) : undefined;
  const origins = allowed === 'same-origin' ? [own] : allowed.map(comparable);
  return ORIGIN_HEADERS.every((name) => {
    const origin = headerText(request.headers, name);
    if (origin === undefined) return true;
    const found = comparable(origin);
    return found !== undefined && origins.includes(found);
  });
}

/** Version 8 of the protocol had a name of its own for it. */
const ORIGIN_HEADERS = ['origin', 'sec-websocket-origin'] as const;

/**
 * Checks an `origins` option.
 *
 * @throws {TypeError} It is none of the two words and no list, or an entry is no origin, such as one with a path.
 */
export function assertAllowedOrigins(allowed: unknown): void {
  if (allowed === 'any' || allowed === 'same-origin') return;
  if (!Array.isArray(allowed)) throw new TypeError(`Invalid origins: ${String(allowed)}`);
  for (const origin of allowed) {
    if (typeof origin !== 'string' || comparable(origin) === undefined) {
      throw new TypeError(`Invalid origin: ${String(origin)} (scheme://host or scheme://host:port)`);
    }
  }
}

/** The origin of the pages of this server, as the client sees it; `undefined` when Host does not say. */
function ownOrigin({ headers, secure }: OriginRequest): string | undefined {
  const host = headerText(headers, 'host');
  return host === undefined ? undefined : comparable(`${secure ? 'https' : 'http'}://${host}`);
}

/**
 * Returns an origin as one text that equals that of the same origin only: in lower case, without the scheme's own port
 * (RFC 6454 §4, §6.2). `undefined` for whatever is no origin: a list, one with userinfo or a path, spaces around it.
 */
function comparable(text: string): string | undefined {
  if (text === NO_ORIGIN) return text;
  const schemeEnd = text.indexOf('://');
  const scheme = text.slice(0, Math.max(schemeEnd, 0));
  const authority = text.slice(schemeEnd + 3);
  const portStart = authority.indexOf(':', authority.lastIndexOf(']') + 1);
  const host = portStart === -1 ? authority : authority.slice(0, portStart);
  // Before it is made lower case: there are letters beyond ASCII whose lower case is in ASCII.
  if (!SCHEME.test(scheme) || !HOST.test(host)) return undefined;
  const origin = `${scheme}://${host}`.toLowerCase();
  if (portStart === -1) return origin;
  const port = authority.slice(portStart + 1);
  if (!PORT.test(port) || Number(port) > 0xffff) return undefined;
  return Number(port) === DEFAULT_PORTS[scheme.toLowerCase()] ? origin : `${origin}:${Number(port)}`;
}
