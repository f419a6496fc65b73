import type { ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { type Userinfo, userinfoOf } from '../userinfo.ts';
import { withoutBrackets } from '../without-brackets.ts';
import { invalidProxy } from './proxy-error.ts';

/** A proxy, and what only the proxy gets to see. */
export interface ProxySettings {
  /**
   * `http://`, `https://`, `socks5://` (names are resolved here) or `socks5h://` (names are resolved by the proxy), with
   * `user:password@` where the proxy asks for them. Without a scheme it is an HTTP proxy.
   */
  readonly url: string | URL;
  /** Further headers of the request for a tunnel, to HTTP proxies. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For `https:` proxies: `ca`, `cert`, `key`, `rejectUnauthorized` and so on. */
  readonly tls?: TlsConnectOptions | undefined;
}

/** A proxy, as it is connected to. */
export interface ProxyServer {
  readonly scheme: ProxyScheme;
  readonly host: string;
  readonly port: number;
  readonly userinfo: Userinfo | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsConnectOptions;
}

export type ProxyScheme = keyof typeof DEFAULT_PORTS;

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443, 'socks5:': 1080, 'socks5h:': 1080 } as const;

/**
 * Reads what names a proxy.
 *
 * @param source - Where it stands, for the error.
 * @throws {SyntaxError} It is no URL, or has another scheme: code WS_ERR_INVALID_PROXY.
 */
export function readProxy({ url, headers = {}, tls = {} }: ProxySettings, source: string): ProxyServer {
  const parsed = parseUrl(url, source);
  const scheme = parsed.protocol;
  if (!isScheme(scheme)) {
    throw invalidProxy(source, `its scheme is none of ${Object.keys(DEFAULT_PORTS).join(', ')}`);
  }
  if (parsed.hostname === '') throw invalidProxy(source, 'it has no host');
  return {
    scheme,
    host: withoutBrackets(parsed.hostname),
    port: parsed.port === '' ? DEFAULT_PORTS[scheme] : Number(parsed.port),
    userinfo: userinfoOf(parsed),
    headers,
    tls,
  };
}

/** Tells whether a proxy speaks HTTP. */
export function isHttpProxy({ scheme }: ProxyServer): boolean {
  return scheme === 'http:' || scheme === 'https:';
}

function parseUrl(url: string | URL, source: string): URL {
  const text = String(url);
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) throw invalidProxy(source, 'it is no URL');
  return new URL(whole);
}

function isScheme(protocol: string): protocol is ProxyScheme {
  return Object.hasOwn(DEFAULT_PORTS, protocol);
}
