/**
 * Reads the URL of a WebSocket; `http:` and `https:` stand for `ws:` and `wss:`.
 *
 * @param base - What a relative URL is resolved against, where there is anything.
 * @throws {DOMException} SyntaxError: it is no URL, has another scheme, or a fragment.
 * @see https://websockets.spec.whatwg.org/#get-a-url-record
 */
export function parseWebSocketUrl(text: string, base: string | undefined): URL {
  const url = parse(text, base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError(
      `The URL's scheme must be "ws", "wss", "http" or "https", not "${url.protocol.slice(0, -1)}"`,
    );
  }
  // An empty fragment is one too, and `hash` does not show it.
  if (url.href.includes('#')) throw syntaxError('The URL has a fragment');
  return url;
}

/** The port that a WebSocket URL leads to. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'wss:' ? 443 : 80;
}

/** What the Authorization header says where a URL has a user name or a password (RFC 7617 §2). */
export function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${percentDecode(`${username}:${password}`).toString('base64')}`;
}

function parse(text: string, base: string | undefined): URL {
  try {
    return new URL(text, base);
  } catch {
    throw syntaxError(`Not a URL: ${text}`);
  }
}

/** https://url.spec.whatwg.org/#percent-decode: a % without two digits behind it stands for itself. */
function percentDecode(ascii: string): Buffer {
  const latin1 = ascii.replace(/%([\da-f]{2})/gi, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(latin1, 'latin1');
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}
