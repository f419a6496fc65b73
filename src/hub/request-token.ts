import type { IncomingMessage } from 'node:http';

/** Where a token may stand; the first place that has one counts, in this order. */
export interface TokenPlaces {
  /** `Authorization: Bearer <token>` (RFC 6750 §2.1); no browser's WebSocket can send it. */
  readonly bearer?: boolean | undefined;
  /**
   * What an offered subprotocol begins with that has the token behind it, as `bearer.`; the hub never chooses it. Its
   * characters are those of base64url and `.`, as in a JWT. The client offers `hawser.hub.v1` besides.
   */
  readonly subprotocol?: string | undefined;
  /** The name of a cookie. */
  readonly cookie?: string | undefined;
  /** The name of a parameter of the query; logs of servers and proxies have it, too. */
  readonly query?: string | undefined;
}

/** Finds the token that a client shows in its request, to be used in `authorize`; it is not checked. */
export function tokenOf(request: IncomingMessage, places: TokenPlaces): string | undefined {
  const { bearer, subprotocol, cookie, query } = places;
  const { headers } = request;
  return (
    (bearer ? bearerOf(headers.authorization) : undefined) ??
    (subprotocol ? behind(subprotocol, listOf(headers['sec-websocket-protocol'], ',')) : undefined) ??
    (cookie ? cookieOf(cookie, headers.cookie) : undefined) ??
    (query ? parameterOf(query, request.url) : undefined)
  );
}

function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}

function parameterOf(name: string, url = ''): string | undefined {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  return new URLSearchParams(url.slice(start + 1)).get(name) || undefined;
}

/** A value may be in quotes, which are none of it (RFC 6265 §4.1.1). */
function cookieOf(name: string, header: string | undefined): string | undefined {
  const value = behind(`${name}=`, listOf(header, ';'));
  return value?.replace(/^"(.*)"$/, '$1');
}

function behind(prefix: string, texts: readonly string[]): string | undefined {
  const found = texts.find((text) => text.startsWith(prefix) && text.length > prefix.length);
  return found?.slice(prefix.length);
}

function listOf(header: string | undefined, separator: string): string[] {
  return (header ?? '').split(separator).map((part) => part.trim());
}
