import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { assertDeflateOptions } from '../handshake/deflate-offer.ts';
import { assertAllowedOrigins } from '../handshake/origin.ts';
import type { Refusal } from '../handshake/server-handshake.ts';
import { ConnectCarrier } from '../node/connect-carrier.ts';
import { incomingConnect } from '../node/incoming-message.ts';
import { RawServer } from '../node/raw-server.ts';
import { UpgradeCarrier } from '../node/upgrade-carrier.ts';
import { backPressureOf } from './back-pressure.ts';
import { ConnectionIterator } from './connection-iterator.ts';
import { type DrainOptions, type DrainResult, drainConnections } from './drain.ts';
import { heartbeatTimes } from './heartbeat-times.ts';
import { assertHttp2, assertOneMode, isGiven, listen, listenToHttp2 } from './listening-mode.ts';
import { DEFAULTS, deflateOptions, limitOf, type ServerOptions, type WebSocketClass } from './options.ts';
import type { SendData } from './payload.ts';
import { PendingUpgrades, UNAVAILABLE } from './pending-upgrades.ts';
import { PreparedMessage } from './prepared-message.ts';
import { OPEN } from './ready-state.ts';
import { type OpeningHost, ServerOpening } from './server-opening.ts';
import { StreamedConnection } from './streamed-connection.ts';
import { TypedEmitter } from './typed-emitter.ts';
import { WebSocket } from './websocket.ts';

/** The events of a {@link WebSocketServer} and what their listeners get. */
export interface WebSocketServerEvents<Connection, Request> {
  listening: [];
  connection: [ws: Connection, request: Request];
  headers: [lines: string[], request: Request];
  wsClientError: [error: Error, socket: Duplex, request: Request];
  error: [error: Error];
  close: [];
}

export interface BroadcastOptions<Connection> {
  /** Who does not get it. */
  readonly except?: Connection | undefined;
  /** Who gets it. */
  readonly filter?: ((ws: Connection) => boolean) | undefined;
  /** Sends text as binary, or bytes as text. */
  readonly binary?: boolean | undefined;
}

/** A WebSocket server with the surface of `ws`: on a port, on an HTTP server, or by hand. */
export class WebSocketServer<
  ConnectionClass extends WebSocketClass = WebSocketClass,
  RequestClass extends typeof IncomingMessage = typeof IncomingMessage,
> extends TypedEmitter<WebSocketServerEvents<InstanceType<ConnectionClass>, InstanceType<RequestClass>>> {
  /** Read at each upgrade, so that a change counts from the next one on. */
  options: ServerOptions<ConnectionClass, RequestClass>;
  /** The open connections; `undefined` without `clientTracking`, which the type leaves out as that of `ws` does. */
  readonly clients: Set<InstanceType<ConnectionClass>>;
  readonly #connections = new Set<InstanceType<ConnectionClass>>();
  readonly #onConnectionClosed: (this: InstanceType<ConnectionClass>) => void;
  readonly #pending = new PendingUpgrades();
  readonly #openings: OpeningHost<ConnectionClass, RequestClass>;
  /** The server of its own, in `port` mode. */
  readonly #rawServer: RawServer | undefined;
  /** What it listens to; `null` when it is closed. */
  #server: NetServer | null;
  readonly #detach: () => void;
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Our own server makes an IncomingMessage, and an HTTP server what it was told to.
    const ofClass = request as InstanceType<RequestClass>;
    this.handleUpgrade(ofClass, socket, head, this.#onOpened);
  };
  readonly #onConnect = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    this.handleConnect(stream, headers, this.#onOpened);
  };
  readonly #onOpened = (ws: InstanceType<ConnectionClass>, request: InstanceType<RequestClass>): void => {
    this.emit('connection', ws, request);
  };
  /**
   * `draining`: it answers, but takes no connections; `closing`: its own server has sockets; `emptying`: connections have
   * not told their 'close'.
   */
  #state: 'running' | 'draining' | 'closing' | 'emptying' | 'closed' = 'running';
  #drained: Promise<DrainResult> | undefined;

  /**
   * @param callback - Called when the server of its own listens.
   * @throws {TypeError} Not exactly one of `port`, `server` and `noServer` is given, `origins` has what is no origin, or
   *   `http2` is set with a `server` that is not of node:http2: code WS_ERR_NO_HTTP2.
   * @throws {RangeError} `port` is none, `perMessageDeflate` has a window that there is not, or a time of `heartbeat` is
   *   out of range.
   */
  constructor(options: ServerOptions<ConnectionClass, RequestClass> = {}, callback?: () => void) {
    super();
    assertOneMode(options);
    assertHttp2(options);
    const deflate = deflateOptions(options.perMessageDeflate);
    assertDeflateOptions(deflate ?? {});
    assertAllowedOrigins(options.origins ?? 'any');
    heartbeatTimes(options.heartbeat);
    backPressureOf(options);
    this.options = {
      ...OPTION_DEFAULTS,
      WebSocket: WebSocket as unknown as ConnectionClass,
      ...options,
      perMessageDeflate: deflate ?? false,
    };
    const tracked = this.options.clientTracking === false ? undefined : this.#connections;
    this.clients = tracked as Set<InstanceType<ConnectionClass>>;
    this.#openings = this.#openingHost();
    const server = this;
    this.#onConnectionClosed = function () {
      server.#forget(this);
    };
    this.#rawServer = this.#createRawServer();
    this.#server = options.server ?? this.#rawServer?.server ?? null;
    // Before the server's own events become this one's: `callback` comes before the listeners of 'listening'.
    if (this.#rawServer !== undefined) listen(this.#rawServer, options, callback);
    this.#detach = this.#attach();
  }

  /** The server that it listens to; `null` without one and when closed. @internal */
  get _server(): NetServer | null {
    return this.#server;
  }

  /** Returns where the server listens: an address, a path, or `null` when it doesn't. */
  address(): AddressInfo | string | null {
    if (this.options.noServer) throw new Error('The server is operating in "noServer" mode');
    return this.#server?.address() ?? null;
  }

  /**
   * Stops accepting connections; those that are open stay so. 'close' comes when they are gone, where they are tracked.
   *
   * @param callback - Called on 'close', or with an error when the server is already closed.
   */
  close(callback?: (error?: Error) => void): void {
    if (this.#state === 'closed') {
      if (callback) this.once('close', () => callback(new Error('The server is not running')));
      process.nextTick(() => this.#emitClose());
      return;
    }
    if (callback) this.once('close', callback);
    if (this.#state === 'closing' || this.#state === 'emptying') return;
    this.#state = 'closing';
    this.#detach();
    this.#server = null;
    if (this.#rawServer !== undefined) this.#rawServer.close(() => this.#emitCloseOnceEmpty());
    else if (this.clients === undefined) this.#emitCloseSoon();
    else this.#emitCloseOnceEmpty();
  }

  /**
   * Takes no more connections, which are refused with 503 and Retry-After; closes those that are open, after all that was
   * sent on them; terminates what is left at the deadline. On a `port` the server is closed then; on an HTTP server, and
   * with `noServer`, it goes on refusing until `close()`. A second call joins the first.
   *
   * @returns What became of the connections, when the last one is gone.
   * @throws {TypeError | RangeError} `code`, `reason` or `deadlineMs` is none; nothing changes then.
   */
  async drain(options: DrainOptions = {}): Promise<DrainResult> {
    this.#drained ??= this.#drain(drainConnections(this.#connections, options));
    return this.#drained;
  }

  /**
   * Iterates over the connections as they come. As many as 1,024 wait, paused; more are refused with 503. It ends when the
   * server has closed, and rejects with its 'error'; leaving it early closes the server, and those that wait with 1001.
   *
   * @throws {Error} The connections are being iterated over already; the code is WS_ERR_ALREADY_ITERATED.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<InstanceType<ConnectionClass>> {
    return new ConnectionIterator(this, this.#state === 'closed', (ws: InstanceType<ConnectionClass>) => ws);
  }

  /**
   * Iterates over the connections, each as a readable and a writable stream of messages with back-pressure both ways; ends,
   * refuses and closes as an iteration over the server.
   *
   * @throws {Error} The connections are being iterated over already; the code is WS_ERR_ALREADY_ITERATED.
   */
  streams(): AsyncIterableIterator<StreamedConnection<InstanceType<RequestClass>>> {
    return new ConnectionIterator(
      this,
      this.#state === 'closed',
      (ws, request: InstanceType<RequestClass>) => new StreamedConnection(ws, request),
    );
  }

  /** Drains the server and closes it; `await using` calls it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    if (this.#state !== 'closed') await new Promise<unknown>((resolve) => this.close(resolve));
  }

  /** Tells whether a request is for this server: by its path, where one is set. Made to be overridden. */
  shouldHandle(request: InstanceType<RequestClass>): boolean | Promise<boolean> {
    if (!this.options.path) return true;
    const url = request.url ?? '';
    const query = url.indexOf('?');
    return (query === -1 ? url : url.slice(0, query)) === this.options.path;
  }

  /**
   * Upgrades a request: checks it, answers it, and calls `callback` with the connection.
   *
   * @param head - What came behind the request.
   * @throws {Error} The socket was given before.
   * @see RFC 6455 §4.2
   */
  handleUpgrade(
    request: InstanceType<RequestClass>,
    socket: Duplex,
    head: Buffer,
    callback: (ws: InstanceType<ConnectionClass>, request: InstanceType<RequestClass>) => void,
  ): void {
    new ServerOpening(this.#openings, request, new UpgradeCarrier(request, socket), head, callback).begin();
  }

  /**
   * Takes an extended CONNECT of HTTP/2, as {@link handleUpgrade} does a request of HTTP/1.1: for servers of node:http2
   * that `enableConnectProtocol`, from a listener to 'stream'.
   *
   * @param headers - The request's, as 'stream' brings them. What `callback` and the hooks get is a request of node:http.
   * @see RFC 8441 §5
   */
  handleConnect(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    callback: (ws: InstanceType<ConnectionClass>, request: InstanceType<RequestClass>) => void,
  ): void {
    const carrier = new ConnectCarrier(stream, headers);
    const request = incomingConnect(headers, carrier.socket) as InstanceType<RequestClass>;
    new ServerOpening(this.#openings, request, carrier, NO_BYTES, callback).begin();
  }

  /**
   * Sends a message to all open connections; it is framed once, and compressed once where they share that.
   *
   * @returns To how many.
   * @throws {Error} The server does not track its clients. @throws {TypeError} `data` has no bytes.
   */
  broadcast(
    data: Exclude<SendData, Blob> | PreparedMessage,
    { except, filter, binary }: BroadcastOptions<InstanceType<ConnectionClass>> = {},
  ): number {
    if (this.clients === undefined) throw new Error('The server does not track its clients');
    const message = data instanceof PreparedMessage ? data : new PreparedMessage(data, { binary });
    let count = 0;
    for (const ws of this.clients) {
      if (ws === except || ws.readyState !== OPEN || (filter !== undefined && !filter(ws))) continue;
      ws.send(message);
      count++;
    }
    return count;
  }

  #createRawServer(): RawServer | undefined {
    if (!isGiven(this.options.port)) return undefined;
    const handshakeTimeout = this.options.handshakeTimeout ?? DEFAULTS.serverHandshakeTimeout;
    const tls = this.options.tls && { handshakeTimeout, ...this.options.tls };
    const { fastPath, http2 } = this.options;
    const onConnect = http2 ? this.#onConnect : undefined;
    const rawServer = new RawServer({ handshakeTimeout, tls, fastPath, onConnect }, this.#onUpgrade);
    // tls.Server tells that its handshakeTimeout is over, and leaves the socket open.
    rawServer.server.on('tlsClientError', (_error: Error, socket: Duplex) => socket.destroy());
    // Those beyond get no answer, but cost nothing either: no TLS, no head, no timer.
    rawServer.server.maxConnections = this.#maxConnections + MAX_SOCKETS_IN_HANDSHAKE;
    return rawServer;
  }

  get #maxConnections(): number {
    return limitOf(this.options.maxConnections, DEFAULTS.maxConnections);
  }

  /** Whether a client may come back, here or at another server behind the same name. */
  get #unavailable(): boolean {
    if (this.#state === 'draining' || ConnectionIterator.isFull(this)) return true;
    return this.#connections.size >= this.#maxConnections;
  }

  #openingHost(): OpeningHost<ConnectionClass, RequestClass> {
    const server = this;
    return {
      pending: this.#pending,
      get options() {
        return server.options;
      },
      get unavailable() {
        return server.#unavailable;
      },
      get refusal() {
        if (server.#unavailable) return UNAVAILABLE;
        return server.#state === 'running' ? undefined : CLOSED_REFUSAL;
      },
      shouldHandle: (request) => this.shouldHandle(request),
      onHeaders: (lines, request) => this.emit('headers', lines, request),
      onBadRequest: (error, socket, request) => this.emit('wsClientError', error, socket, request),
      onOpened: (ws) => this.#track(ws),
    };
  }

  async #drain(gone: Promise<DrainResult>): Promise<DrainResult> {
    if (this.#state === 'running') this.#state = 'draining';
    this.#pending.refuseAll();
    const result = await gone;
    if (this.#rawServer !== undefined && this.#state !== 'closed') {
      await new Promise<unknown>((resolve) => this.close(resolve));
    }
    return result;
  }

  /** Listens to the server; returns how to stop that. */
  #attach(): () => void {
    const server = this.#server;
    if (server === null) return ignore;
    const listeners = {
      listening: () => this.emit('listening'),
      error: (error: Error) => this.emit('error', error),
      ...(this.options.server ? { upgrade: this.#onUpgrade } : {}),
    };
    for (const [name, listener] of Object.entries(listeners)) server.on(name, listener);
    const detachHttp2 =
      this.options.server && listenToHttp2(this.options.server, this.options.http2, this.#onConnect);
    return () => {
      detachHttp2?.();
      for (const [name, listener] of Object.entries(listeners)) server.off(name, listener);
    };
  }

  #track(ws: InstanceType<ConnectionClass>): void {
    this.#connections.add(ws);
    ws.on('close', this.#onConnectionClosed);
  }

  #forget(ws: InstanceType<ConnectionClass>): void {
    this.#connections.delete(ws);
    if (this.#state === 'emptying') this.#emitCloseOnceEmpty();
  }

  /** Emits 'close' behind those of the connections: their sockets may be gone before they have told it. */
  #emitCloseOnceEmpty(): void {
    // Who took our listener off a connection is not waited for.
    const untold = [...this.#connections].some((ws) =>
      ws.listeners('close').includes(this.#onConnectionClosed),
    );
    if (untold) this.#state = 'emptying';
    else this.#emitCloseSoon();
  }

  #emitCloseSoon(): void {
    process.nextTick(() => this.#emitClose());
  }

  #emitClose(): void {
    this.#state = 'closed';
    this.emit('close');
  }
}

/** What `ws` shows as `options` where nothing is given. */
const OPTION_DEFAULTS = {
  allowSynchronousEvents: DEFAULTS.allowSynchronousEvents,
  autoPong: DEFAULTS.autoPong,
  clientTracking: true,
  closeTimeout: DEFAULTS.closeTimeout,
  maxBufferedChunks: DEFAULTS.maxBufferedChunks,
  maxFragments: DEFAULTS.maxFragments,
  maxPayload: DEFAULTS.maxPayload,
  maxPendingAutoPongs: DEFAULTS.maxPendingAutoPongs,
  noServer: false,
  skipUTF8Validation: DEFAULTS.skipUTF8Validation,
} as const;

/** How many sockets of a `port` may be on their way to a connection, beyond those that are one. */
const MAX_SOCKETS_IN_HANDSHAKE = 1_024;

const NO_BYTES = Buffer.alloc(0);

const CLOSED_REFUSAL: Refusal = { statusCode: 503, message: '' };

function ignore(): void {}
