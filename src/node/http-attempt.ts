import http, {
  type ClientRequest as HttpClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { upgradeRequestHeaders } from '../handshake/client-handshake.ts';
import type { DialTarget } from './dial.ts';
import { secured } from './open-socket.ts';
import { type AttemptEvents, type ClientRequest, OpeningHandshake } from './opening-handshake.ts';
import type { ProxyServer } from './proxy/proxy-server.ts';
import { Tunnel } from './proxy/tunnel.ts';
import { tlsServerName } from './tls-server-name.ts';

/** Options that need node:http: they change its request, or hand it out. */
export const HTTP_OPTIONS = [
  'agent',
  'createConnection',
  'defaultPort',
  'finishRequest',
  'insecureHTTPParser',
  'joinDuplicateHeaders',
  'maxHeaderSize',
  'setDefaultHeaders',
  'setHost',
  'uniqueHeaders',
] as const;

export interface HttpAttemptEvents extends AttemptEvents {
  /** The response redirects: a value of the Location header, or `undefined` where redirects are not followed. */
  onRedirect?: ((location: string) => void) | undefined;
}

/** An opening handshake through node:http: with an agent, a connection of the caller's, redirects. */
export class HttpAttempt extends OpeningHandshake {
  /** Made and not ended: whoever created the attempt ends it. */
  readonly httpRequest: HttpClientRequest;
  readonly #onRedirect: HttpAttemptEvents['onRedirect'];
  #tunnel: Tunnel | undefined;

  /** @throws {TypeError} A header or the target has characters that don't belong there. */
  constructor(request: ClientRequest, events: HttpAttemptEvents) {
    super(request, events);
    this.#onRedirect = events.onRedirect;
    try {
      this.httpRequest = this.#createRequest(request);
    } catch (error) {
      this.cannotBegin(error);
    }
    this.listenTo(this.httpRequest);
  }

  protected override drop(): void {
    const request = this.httpRequest;
    this.#tunnel?.abort();
    request.destroy();
    // A request that has its response leaves the socket alone.
    request.socket?.destroy();
  }

  protected override onResponse(request: HttpClientRequest, response: IncomingMessage): void {
    const { location } = response.headers;
    const { statusCode = 0 } = response;
    if (this.#onRedirect !== undefined && location && statusCode >= 300 && statusCode < 400) {
      this.traceResponse(statusCode);
      this.abort();
      this.#onRedirect(location);
    } else {
      super.onResponse(request, response);
    }
  }

  #createRequest({ target }: ClientRequest): HttpClientRequest {
    const { secure, host, port, socketPath, options, proxy } = target;
    const connect = this.#connecting(target);
    return (secure ? https : http).request({
      // As given: an agent, a lookup, certificates, limits of the parser.
      ...(options as RequestOptions),
      // With a proxy it may only be `false`, for an agent that would make its connections by itself.
      agent: proxy === undefined ? (options as RequestOptions).agent : undefined,
      createConnection: (options as RequestOptions).createConnection ?? connect,
      defaultPort: (options as RequestOptions).defaultPort ?? (secure ? 443 : 80),
      host,
      port,
      path: this.request.target,
      socketPath,
      headers: this.#headers(),
      method: 'GET',
      // Said by `headers` already, or of no effect on a WebSocket.
      auth: undefined,
      hostname: undefined,
      protocol: undefined,
      timeout: undefined,
    } as RequestOptions);
  }

  #connecting(target: DialTarget): Connecting {
    const { proxy } = target;
    if (proxy === undefined) return target.secure ? connectTls : connectNet;
    return (_options, onConnection) => this.#connectThrough(proxy, target, onConnection);
  }

  #connectThrough(proxy: ProxyServer, target: DialTarget, onConnection: OnConnection): undefined {
    const onOpen = (socket: Socket): void => {
      onConnection(null, target.secure ? secured(target, socket) : socket);
      if (!target.secure) socket.resume();
    };
    this.#tunnel = new Tunnel(proxy, target, { onOpen, onError: (error) => this.fail(error) });
  }

  #headers(): Record<string, string | number | string[]> {
    const headers: Record<string, string | number | string[]> = {};
    // Node adds Host itself, as `setHost` and `defaultPort` say.
    for (const [name, value] of upgradeRequestHeaders({ ...this.request, host: undefined })) {
      const before = headers[name];
      headers[name] = before === undefined ? value : [before, value].flat().map(String);
    }
    // A number, which is what `getHeader` gives users of `ws`.
    headers['Sec-WebSocket-Version'] = this.request.version;
    return headers;
  }
}

/** The options of a request, as node:http hands them to `createConnection`. */
type ConnectOptions = RequestOptions & tls.ConnectionOptions & { socketPath?: string };

type OnConnection = (error: Error | null, socket: Duplex) => void;
type Connecting = (options: RequestOptions, onConnection: OnConnection) => Duplex | undefined;

function connectNet(options: RequestOptions): Duplex {
  const { socketPath, ...rest } = options as ConnectOptions;
  return net.connect({ ...rest, path: socketPath } as net.NetConnectOpts);
}

function connectTls(options: RequestOptions): Duplex {
  const { host, servername, ...rest } = options as ConnectOptions;
  const name = tlsServerName(servername, host ?? '');
  return tls.connect({
    ...rest,
    host: host ?? undefined,
    path: undefined,
    servername: name,
  } as tls.ConnectionOptions);
}
