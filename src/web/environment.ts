interface Environment {
  readonly location?: { readonly href?: unknown; readonly origin?: unknown; readonly protocol?: unknown };
}

/** Hosts that count as this machine (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy). */
const LOCAL_HOST = /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost\.?)$/;

/** What relative URLs are resolved against: the environment's location, which Node has none of. */
export function baseUrl(): string | undefined {
  const href = (globalThis as Environment).location?.href;
  return typeof href === 'string' ? href : undefined;
}

/** What the Origin header says, where the environment has a location. */
export function environmentOrigin(): string | undefined {
  const origin = (globalThis as Environment).location?.origin;
  return typeof origin === 'string' ? origin : undefined;
}

/** Tells whether the environment is a secure page, which may open insecure connections to its own machine only. */
export function prohibitsInsecure(url: URL): boolean {
  const isSecurePage = (globalThis as Environment).location?.protocol === 'https:';
  return isSecurePage && url.protocol === 'ws:' && !LOCAL_HOST.test(url.hostname);
}
