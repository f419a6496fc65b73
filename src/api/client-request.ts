import type { ClientRequest } from '../node/opening-handshake.ts';
import { authorization, type Destination } from './client-url.ts';
import { type ClientOptions, DEFAULTS, deflateOptions } from './options.ts';

/** What a request sends besides its handshake, which may change on the way through redirects. */
export interface Carried {
  readonly headers: NonNullable<ClientOptions['headers']>;
  /** The Authorization header, where `headers` has none. */
  readonly authorization: string | undefined;
}

/** Says what a client with these options asks for. */
export function clientRequest(
  { url, secure, host, port, socketPath, target, hostHeader }: Destination,
  subprotocols: readonly string[],
  options: ClientOptions,
  carried: Carried = firstCarried(url, options),
): ClientRequest {
  const { perMessageDeflate = true } = options;
  return {
    target: { secure, host, port, socketPath, options },
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
