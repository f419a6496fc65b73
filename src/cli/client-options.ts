import { readFileSync } from 'node:fs';
import { type ClientOptions, WebSocket } from '../index.ts';
import { readNumber } from './arguments.ts';
import { UsageError } from './usage-error.ts';

/** What all commands that connect can be told. */
export const CLIENT_OPTIONS = {
  header: { type: 'string', short: 'H', multiple: true },
  subprotocol: { type: 'string', short: 's', multiple: true },
  auth: { type: 'string' },
  origin: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  servername: { type: 'string' },
  insecure: { type: 'boolean', short: 'k', default: false },
  proxy: { type: 'string' },
  http2: { type: 'boolean', default: false },
  timeout: { type: 'string' },
  'no-deflate': { type: 'boolean', default: false },
} as const;

export const CLIENT_HELP = `  -H, --header 'Name: value'  a header of the request; may be there several times
  -s, --subprotocol NAME      offers a subprotocol; may be there several times
      --auth USER:PASSWORD    Basic authentication
      --origin ORIGIN         the Origin header
      --ca FILE               who signs the server's certificate
      --cert FILE --key FILE  a certificate of one's own
      --servername NAME       the name to ask for, and that the certificate has to have
  -k, --insecure              takes any certificate
      --proxy URL             http://, https://, socks5:// or socks5h://, with USER:PASSWORD@
                              where need be; none for none. By default what HTTPS_PROXY,
                              HTTP_PROXY, ALL_PROXY and NO_PROXY say
      --http2                 over HTTP/2 alone, without a proxy
      --timeout SECONDS       how long connecting may take; default 30
      --no-deflate            does not offer permessage-deflate`;

interface Values {
  readonly header?: readonly string[] | undefined;
  readonly auth?: string | undefined;
  readonly origin?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly insecure: boolean;
  readonly proxy?: string | undefined;
  readonly http2: boolean;
  readonly timeout?: string | undefined;
  readonly 'no-deflate': boolean;
}

/** Makes of what was typed the options of a client. @throws {UsageError} */
export function clientOptions(values: Values): ClientOptions {
  const { auth, origin, ca, cert, key, servername, insecure, http2, timeout } = values;
  // Where both are asked for, the client says that they don't go together.
  const { proxy = http2 ? 'none' : 'env' } = values;
  return {
    proxy: proxy === 'none' ? false : proxy,
    headers: Object.fromEntries((values.header ?? []).map(readHeader)),
    perMessageDeflate: !values['no-deflate'],
    ...(http2 && { http2 }),
    ...(auth !== undefined && { auth }),
    ...(origin !== undefined && { origin }),
    ...(ca !== undefined && { ca: readFile('ca', ca) }),
    ...(cert !== undefined && { cert: readFile('cert', cert) }),
    ...(key !== undefined && { key: readFile('key', key) }),
    ...(servername !== undefined && { servername }),
    ...(timeout !== undefined && { handshakeTimeout: 1000 * readNumber('timeout', timeout, 0.001) }),
    ...(insecure && { rejectUnauthorized: false }),
  };
}

/** Opens a connection. @throws {UsageError} There can be none to this URL, or with these options. */
export function openConnection(
  url: string,
  subprotocols: readonly string[],
  options: ClientOptions,
): WebSocket {
  try {
    return new WebSocket(url, [...subprotocols], options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readHeader(text: string): [string, string] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`--header wants 'Name: value', not "${text}"`);
  return [name, value!];
}

/** @throws {UsageError} It can't be read. */
export function readFile(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`--${option}: ${(error as Error).message}`);
  }
}
