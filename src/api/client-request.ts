import type { ClientRequest } from '../node/opening-handshake.ts';
import { chooseProxy } from '../node/proxy/choose-proxy.ts';
import { authorization, type Destination } from './client-url.ts';
import { type ClientOptions, DEFAULTS, deflateOptions } from './options.ts';

/** What a request sends besides its handshake, which may change on the way through redirects. */
export interface Carried {
  readonly headers: NonNullable<ClientOptions['headers']>;
  /** The Authorization header, where `headers` has none. */
  readonly authorization: string | undefined;
}

/**
 * Says what a client with these options asks for.
 *
 * @throws {SyntaxError} The proxy is none that there could be: code WS_ERR_INVALID_PROXY.
 */
export function clientRequest(
  destination: Destination,
  subprotocols: readonly string[],
  options: ClientOptions,
  carried: Carried = firstCarried(destination.url, options),
): ClientRequest {
  const { secure, host, port, socketPath, target, hostHeader } = destination;
  const { perMessageDeflate = true } = options;
  return {
    target: { secure, host, port, socketPath, options, proxy: chooseProxy(options.proxy, destination) },
    upgrade: {
      target,
      host: hostHeader,
      version: (options.protocolVersion ?? DEFAULTS.protocolVersion) === 8 ? 8 : 13,
      subprotocols,
      origin: options.origin,
      ...carried,
    },
    deflate: deflateOptions(perMessageDeflate),
    handshakeTimeout: options.handshakeTimeout ?? DEFAULTS.clientHandshakeTimeout,
  };
}

/** What the first request sends. */
export function firstCarried(url: URL, options: ClientOptions): Carried {
  return { headers: options.headers ?? {}, authorization: authorization(url, options.auth) };
}
