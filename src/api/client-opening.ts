import type { ClientRequest as HttpClientRequest } from 'node:http';
import { assertSubprotocols } from '../handshake/subprotocol.ts';
import { ClientAttempt } from '../node/client-attempt.ts';
import { HTTP_OPTIONS, HttpAttempt } from '../node/http-attempt.ts';
import { Http2Attempt, type Http2Choice } from '../node/http2-attempt.ts';
import type { AttemptEvents, OpeningHandshake } from '../node/opening-handshake.ts';
import { type Carried, clientRequest } from './client-request.ts';
import { type Destination, parseAddress } from './client-url.ts';
import { type ClientOptions, DEFAULTS } from './options.ts';
import { RedirectChain } from './redirect-chain.ts';

export interface OpeningEvents extends AttemptEvents {
  /** The URL that is being opened: the first one, and that of each redirect. */
  onUrl(url: string): void;
  /** Whether 'redirect' is listened to; credentials are the listener's business then. */
  wantsRedirect(): boolean;
  /** A redirect is followed by `request`, which has not been sent. */
  onRedirect(url: string, request: HttpClientRequest): void;
  /** Ends a request of node:http, now or later. */
  finishRequest(request: HttpClientRequest): void;
}

/** A client's way to an open connection: one opening handshake, or several along redirects (RFC 6455 §4.1). */
export class ClientOpening {
  readonly #subprotocols: readonly string[];
  readonly #options: ClientOptions;
  readonly #events: OpeningEvents;
  /** Where redirects are followed. */
  readonly #chain: RedirectChain | undefined;
  #destination: Destination;
  #attempt: OpeningHandshake;
  #redirects = 0;
  #aborted = false;

  /**
   * @throws {SyntaxError} A bad URL or subprotocol.
   * @throws {SyntaxError} A proxy that can't be one: code WS_ERR_INVALID_PROXY.
   * @throws {TypeError} A proxy together with an agent or `createConnection`: code WS_ERR_PROXY_CONFLICT.
   * @throws {RangeError} A `protocolVersion` other than 8 and 13.
   * @throws {TypeError} Code WS_ERR_HTTP2_OPTION: `http2` with an option that needs HTTP/1.1.
   */
  constructor(
    address: string | URL,
    protocols: string | readonly string[] | undefined,
    options: ClientOptions,
    events: OpeningEvents,
  ) {
    assertProtocolVersion(options.protocolVersion);
    assertOneWay(options);
    this.#options = options;
    this.#events = events;
    this.#destination = parseAddress(address);
    const offered = protocols === undefined ? options.protocols : protocols;
    this.#subprotocols = offered === undefined ? [] : [offered].flat();
    assertSubprotocols(this.#subprotocols);
    events.onUrl(this.#destination.url.href);
    if (options.followRedirects) this.#chain = new RedirectChain(this.#destination, options);
    const http2 = http2Choice(options, this.#destination);
    if (http2 !== undefined) {
      this.#attempt = new Http2Attempt(this.#request(), events, http2);
    } else if (this.#chain !== undefined || needsHttp(options)) {
      const attempt = this.#attemptOverHttp(this.#chain?.first);
      this.#attempt = attempt;
      this.#events.finishRequest(attempt.httpRequest);
    } else {
      this.#attempt = new ClientAttempt(this.#request(), events);
    }
  }

  /** Gives up: no event comes any more. */
  abort(): void {
    this.#aborted = true;
    this.#attempt.abort();
  }

  #request(carried?: Carried): ReturnType<typeof clientRequest> {
    return clientRequest(this.#destination, this.#subprotocols, this.#options, carried);
  }

  #attemptOverHttp(carried: Carried | undefined): HttpAttempt {
    const onRedirect =
      this.#chain === undefined ? undefined : (location: string) => this.#onRedirect(location);
    return new HttpAttempt(this.#request(carried), {
      websocket: this.#events.websocket,
      wantsUnexpectedResponse: () => this.#events.wantsUnexpectedResponse(),
      onUnexpectedResponse: (request, response) => this.#events.onUnexpectedResponse(request, response),
      onUpgrade: (response) => this.#events.onUpgrade(response),
      onOpened: (opened) => this.#events.onOpened(opened),
      onFailed: (error) => this.#events.onFailed(error),
      onRedirect,
    });
  }

  #onRedirect(location: string): void {
    try {
      this.#follow(location);
    } catch (error) {
      this.#events.onFailed(error as Error);
    }
  }

  #follow(location: string): void {
    if (++this.#redirects > (this.#options.maxRedirects ?? DEFAULTS.maxRedirects)) {
      throw new Error('Maximum redirects exceeded');
    }
    const from = this.#destination;
    this.#destination = parseAddress(resolve(location, from.url));
    assertReachable(from, this.#destination);
    this.#events.onUrl(this.#destination.url.href);
    const carried = this.#chain!.carriedTo(this.#destination, this.#events.wantsRedirect());
    const attempt = this.#attemptOverHttp(carried);
    this.#attempt = attempt;
    this.#events.onRedirect(this.#destination.url.href, attempt.httpRequest);
    if (!this.#aborted) this.#events.finishRequest(attempt.httpRequest);
  }
}

function assertProtocolVersion(version: number = DEFAULTS.protocolVersion): void {
  if (version === 8 || version === 13) return;
  throw new RangeError(`Unsupported protocol version: ${version} (supported versions: 8, 13)`);
}

/** Who makes the connections has the proxy in hand, too: with both it would not be clear which way is taken. */
function assertOneWay({ proxy, agent, createConnection }: ClientOptions): void {
  if (!proxy || !(agent || createConnection)) return;
  const error = new TypeError(
    'The option "proxy" can\'t be used together with "agent" or "createConnection"',
  );
  throw Object.assign(error, { code: 'WS_ERR_PROXY_CONFLICT' });
}

function needsHttp(options: ClientOptions): boolean {
  return httpOption(options) !== undefined;
}

/** The name of an option that only node:http can do something with. */
function httpOption(options: ClientOptions): string | undefined {
  const given = options as Readonly<Record<string, unknown>>;
  return HTTP_OPTIONS.find((name) => given[name] !== undefined && given[name] !== null);
}

/** How to use HTTP/2; `undefined` where it isn't: 'auto' needs ALPN, and gives way to what HTTP/1.1 alone has. */
function http2Choice(options: ClientOptions, { secure }: Destination): Http2Choice | undefined {
  const { http2 } = options;
  if (!http2) return undefined;
  const conflict =
    ['followRedirects', 'proxy'].find((name) => Reflect.get(options, name)) ?? httpOption(options);
  if (http2 === 'auto') return secure && conflict === undefined ? http2 : undefined;
  if (conflict === undefined) return http2;
  const error = new TypeError(`The "${conflict}" option can't be used with "http2"`);
  throw Object.assign(error, { code: 'WS_ERR_HTTP2_OPTION' });
}

/** A server that is anywhere must not have its clients speak to what listens on their own machine alone. */
function assertReachable(from: Destination, to: Destination): void {
  if (from.socketPath !== undefined || to.socketPath === undefined) return;
  throw new Error('A redirect leads from the network to a Unix socket');
}

function resolve(location: string, base: URL): URL {
  try {
    return new URL(location, base);
  } catch {
    throw new SyntaxError(`Invalid URL: ${location}`);
  }
}
