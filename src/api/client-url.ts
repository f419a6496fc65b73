import type { ClientRequest } from '../node/client-attempt.ts';
import { type ClientOptions, DEFAULTS, deflateOptions } from './options.ts';

/** Where a WebSocket URL leads. */
export interface Destination {
  /** With the scheme `ws:`, `wss:` or `ws+unix:`. */
  readonly url: URL;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  /** The request target: path and query. */
  readonly target: string;
  /** The value of the Host header. */
  readonly hostHeader: string;
}

/**
 * Reads a WebSocket URL; `http:` and `https:` stand for `ws:` and `wss:`.
 *
 * @throws {SyntaxError} It is no URL, has another scheme, a fragment, or names no Unix socket.
 * @see RFC 6455 §3
 */
export function parseAddress(address: string | URL): Destination {
  const url = parseUrl(address);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  checkUrl(url);

  const secure = url.protocol === 'wss:';
  const [socketPath, target] = url.protocol === 'ws+unix:' ? splitUnixPath(url) : [undefined, url.pathname];
  return {
    url,
    secure,
    host: withoutBrackets(url.hostname),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    socketPath,
    target: target + url.search,
    hostHeader: socketPath === undefined ? url.host : 'localhost',
  };
}

/** What `Authorization` is to say: the URL's userinfo, else the option. */
export function authorization(url: URL, auth: string | undefined): string | undefined {
  const credentials =
    url.username || url.password
      ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      : auth;
  return credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** Says what a client with these options asks for. */
export function clientRequest(
  { url, secure, host, port, socketPath, target, hostHeader }: Destination,
  subprotocols: readonly string[],
  options: ClientOptions,
): ClientRequest {
  return {
    target: { secure, host, port, socketPath, options },
    upgrade: {
      target,
      host: hostHeader,
      version: (options.protocolVersion ?? DEFAULTS.protocolVersion) === 8 ? 8 : 13,
      subprotocols,
      origin: options.origin,
      authorization: authorization(url, options.auth),
      headers: options.headers ?? {},
    },
    deflate: deflateOptions(options.perMessageDeflate ?? true),
    handshakeTimeout: options.handshakeTimeout ?? DEFAULTS.clientHandshakeTimeout,
  };
}

function parseUrl(address: string | URL): URL {
  try {
    return new URL(address);
  } catch {
    throw new SyntaxError(`Invalid URL: ${address}`);
  }
}

function checkUrl(url: URL): void {
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:' && url.protocol !== 'ws+unix:') {
    throw new SyntaxError(
      'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"',
    );
  }
  if (url.protocol === 'ws+unix:' && url.pathname === '') {
    throw new SyntaxError("The URL's pathname is empty");
  }
  // RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs".
  if (url.hash !== '') throw new SyntaxError('The URL contains a fragment identifier');
}

/** Splits `/path/to.sock:/request/path` at the first colon. */
function splitUnixPath(url: URL): [string, string] {
  const colon = url.pathname.indexOf(':');
  if (colon === -1) return [url.pathname, '/'];
  return [url.pathname.slice(0, colon), url.pathname.slice(colon + 1) || '/'];
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
