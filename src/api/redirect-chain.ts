import { type Carried, firstCarried } from './client-request.ts';
import { authorization, type Destination } from './client-url.ts';
import type { ClientOptions } from './options.ts';

type Headers = Carried['headers'];

/** What is for one host alone (RFC 9110 §15.4). */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * Says what the requests along a chain of redirects send: credentials stay with the host that they were meant for, and
 * do not leave TLS. It is what curl does since 7.77, and `ws`, but for Proxy-Authorization.
 */
export class RedirectChain {
  readonly #first: Destination;
  readonly #options: ClientOptions;
  /** By their names in lower case. The first Authorization of the chain stays in here. */
  #headers: Headers;

  constructor(first: Destination, options: ClientOptions) {
    this.#first = first;
    this.#options = options;
    this.#headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.#keepFirst(authorization(first.url, options.auth));
  }

  /** What the first request sends: the headers as they were given. */
  get first(): Carried {
    return firstCarried(this.#first.url, this.#options);
  }

  /**
   * Returns what a later request sends.
   *
   * @param keepsAll - Whether nothing is dropped: somebody looks at each redirect.
   */
  carriedTo(destination: Destination, keepsAll: boolean): Carried {
    const sameHost = isSameHost(this.#first, destination);
    if (!keepsAll && (!sameHost || (this.#first.secure && !destination.secure))) {
      const dropped = sameHost ? CREDENTIALS : [...CREDENTIALS, 'host'];
      return { headers: without(this.#headers, dropped), authorization: undefined };
    }
    const headers = this.#headers;
    const credentials = authorization(destination.url, this.#options.auth);
    this.#keepFirst(credentials);
    return { headers, authorization: credentials };
  }

  #keepFirst(credentials: string | undefined): void {
    if (credentials === undefined || this.#headers.authorization !== undefined) return;
    this.#headers = { ...this.#headers, authorization: credentials };
  }
}

/** The port counts, and a Unix socket is another host than any address. */
function isSameHost(a: Destination, b: Destination): boolean {
  return a.socketPath === undefined && b.socketPath === undefined
    ? a.url.host === b.url.host
    : a.socketPath === b.socketPath;
}

function without(headers: Headers, names: readonly string[]): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
