import { basicAuthorization, userinfoOf } from '../node/userinfo.ts';
import { withoutBrackets } from '../node/without-brackets.ts';

/** Where a WebSocket URL leads. */
export interface Destination {
  /** With the scheme `ws:`, `wss:` or `ws+unix:`. */
  readonly url: URL;
  readonly secure: boolean;
  readonly host: string;
  /** As text from the URL, else the scheme's number: what agents are given by `ws`. */
  readonly port: number | string;
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
  const path = url.pathname + url.search;
  const [socketPath, target] = url.protocol === 'ws+unix:' ? splitUnixPath(path) : [undefined, path];
  return {
    url,
    secure,
    host: withoutBrackets(url.hostname),
    port: url.port || (secure ? 443 : 80),
    socketPath,
    target,
    hostHeader: url.host || 'localhost',
  };
}

/** The Authorization header of a request: the URL's userinfo, else the option (RFC 7617 §2). */
export function authorization(url: URL, auth: string | null | undefined): string | undefined {
  const userinfo = userinfoOf(url);
  const credentials = userinfo ? `${userinfo.username}:${userinfo.password}` : auth;
  return credentials ? basicAuthorization(credentials) : undefined;
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

/** Splits `/path/to.sock:/request/path?query` at the first colon. */
function splitUnixPath(path: string): [socketPath: string, target: string] {
  const colon = path.indexOf(':');
  return colon === -1 ? [path, '/'] : [path.slice(0, colon), path.slice(colon + 1) || '/'];
}
