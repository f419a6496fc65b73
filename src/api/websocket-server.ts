import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  decideUpgrade,
  type Refusal,
  type Upgrade,
  upgradeResponseLines,
} from '../handshake/server-handshake.ts';
import { RawServer, refuse } from '../node/raw-server.ts';
import { sha1Base64 } from '../node/sha1.ts';
import {
  DEFAULTS,
  deflateOptions,
  type PerMessageDeflateOptions,
  type ServerOptions,
  type VerifyClientCallback,
} from './options.ts';
import { WebSocket } from './websocket.ts';

/** Called with an upgraded connection. */
export type UpgradeCallback = (ws: WebSocket, request: IncomingMessage) => void;

/** The events of a {@link WebSocketServer} and what their listeners get. */
export interface WebSocketServerEvents {
  listening: [];
  connection: [ws: WebSocket, request: IncomingMessage];
  headers: [lines: string[], request: IncomingMessage];
  wsClientError: [error: Error, socket: Duplex, request: IncomingMessage];
  error: [error: Error];
  close: [];
}

/** One upgrade under way. */
interface PendingUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly upgrade: Upgrade;
  readonly callback: UpgradeCallback;
}

/** Sockets that an upgrade was begun on, by whichever server. */
const upgraded = new WeakSet<Duplex>();

/** A WebSocket server with the surface of `ws`: on a port, on an HTTP server, or by hand. */
export class WebSocketServer extends EventEmitter<WebSocketServerEvents> {
  readonly options: ServerOptions;
  /** The open connections; `undefined` without `clientTracking`, which the type leaves out as that of `ws` does. */
  readonly clients: Set<WebSocket>;
  readonly #tracked: Set<WebSocket> | undefined;
  /** The server of its own, in `port` mode. */
  readonly #rawServer: RawServer | undefined;
  readonly #detach: () => void;
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.handleUpgrade(request, socket, head, (ws) => this.emit('connection', ws, request));
  };
  #state: 'running' | 'closing' | 'closed' = 'running';

  /**
   * @param callback - Called when the server listens.
   * @throws {TypeError} Not exactly one of `port`, `server` and `noServer` is given.
   */
  constructor(options: ServerOptions = {}, callback?: () => void) {
    super();
    assertOneMode(options);
    this.options = { ...options };
    this.#tracked = options.clientTracking === false ? undefined : new Set();
    this.clients = this.#tracked as Set<WebSocket>;
    this.#rawServer = this.#createRawServer();
    this.#detach = this.#attach();
    const { port, host, backlog } = options;
    this.#rawServer?.server.listen({ port, host, backlog }, callback);
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
      if (callback !== undefined) this.once('close', () => callback(new Error('The server is not running')));
      process.nextTick(() => this.emit('close'));
      return;
    }
    if (callback !== undefined) this.once('close', callback);
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#detach();
    if (this.#rawServer !== undefined) this.#rawServer.close(() => this.#emitClose());
    else if (this.#tracked === undefined || this.#tracked.size === 0)
      process.nextTick(() => this.#emitClose());
  }

  /** Tells whether a request is for this server: by its path, where one is set. Made to be overridden. */
  shouldHandle(request: IncomingMessage): boolean | Promise<boolean> {
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
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: UpgradeCallback): void {
    socket.on('error', ignore);
    const { upgrade, refusal } = decideUpgrade(request, deflateOptions(this.options.perMessageDeflate));
    if (refusal !== undefined) {
      this.#refuseBadRequest(request, socket, refusal);
    } else if (!this.shouldHandle(request)) {
      refuse(socket, { statusCode: 400, message: 'Bad Request' });
    } else {
      this.#verify({ request, socket, head, upgrade, callback });
    }
  }

  get #server(): NetServer | undefined {
    return this.options.server ?? this.#rawServer?.server;
  }

  #createRawServer(): RawServer | undefined {
    if (this.options.port === undefined || this.options.port === null) return undefined;
    const handshakeTimeout = this.options.handshakeTimeout ?? DEFAULTS.serverHandshakeTimeout;
    return new RawServer({ handshakeTimeout, tls: this.options.tls }, this.#onUpgrade);
  }

  /** Listens to the server; returns how to stop that. */
  #attach(): () => void {
    const server = this.#server;
    if (server === undefined) return ignore;
    const listeners = {
      listening: () => this.emit('listening'),
      error: (error: Error) => this.emit('error', error),
      ...(this.options.server === undefined ? {} : { upgrade: this.#onUpgrade }),
    };
    for (const [name, listener] of Object.entries(listeners)) server.on(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) server.off(name, listener);
    };
  }

  #refuseBadRequest(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    if (this.listenerCount('wsClientError') === 0) {
      refuse(socket, refusal);
    } else {
      const error = new Error(refusal.message);
      this.emit('wsClientError', error, socket, request);
    }
  }

  #verify(pending: PendingUpgrade): void {
    const { verifyClient } = this.options;
    if (verifyClient === undefined) {
      this.#complete(pending);
      return;
    }
    const { request, upgrade } = pending;
    const origin = request.headers[upgrade.version === 8 ? 'sec-websocket-origin' : 'origin'];
    const info = {
      origin: origin as string | undefined,
      secure: 'encrypted' in request.socket,
      req: request,
    };
    const decided: VerifyClientCallback = (accepted, statusCode = 401, message = '', headers = {}) => {
      if (accepted) this.#complete(pending);
      else refuse(pending.socket, { statusCode, message, headers });
    };
    if (verifyClient.length >= 2) verifyClient(info, decided);
    else decided(verifyClient(info, ignore) === true);
  }

  #complete({ request, socket, head, upgrade, callback }: PendingUpgrade): void {
    // The client may have gone while it was being verified.
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    if (upgraded.has(socket)) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      );
    }
    if (this.#state !== 'running') {
      refuse(socket, { statusCode: 503, message: 'Service Unavailable' });
      return;
    }
    upgraded.add(socket);
    const subprotocol = this.#chooseSubprotocol(upgrade.subprotocols, request);
    const lines = upgradeResponseLines(upgrade.key, sha1Base64, subprotocol, upgrade.deflate?.response);
    this.emit('headers', lines, request);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.off('error', ignore);
    callback(this.#open(socket, head, upgrade, subprotocol || undefined), request);
  }

  #chooseSubprotocol(offered: Set<string>, request: IncomingMessage): string | false | undefined {
    if (offered.size === 0) return undefined;
    const { handleProtocols } = this.options;
    return handleProtocols === undefined ? offered.values().next().value : handleProtocols(offered, request);
  }

  #open(socket: Duplex, head: Buffer, upgrade: Upgrade, subprotocol: string | undefined): WebSocket {
    const Class = this.options.WebSocket ?? WebSocket;
    const ws = new Class(null, undefined, {});
    const tuning: PerMessageDeflateOptions = deflateOptions(this.options.perMessageDeflate) ?? {};
    const deflate = upgrade.deflate && { parameters: upgrade.deflate.parameters, tuning };
    ws.setSocket(socket, head, { ...this.options, subprotocol, deflate });
    this.#track(ws);
    return ws;
  }

  #track(ws: WebSocket): void {
    const clients = this.#tracked;
    if (clients === undefined) return;
    clients.add(ws);
    ws.on('close', () => {
      clients.delete(ws);
      if (this.#state === 'closing' && this.#rawServer === undefined && clients.size === 0) {
        process.nextTick(() => this.#emitClose());
      }
    });
  }

  #emitClose(): void {
    this.#state = 'closed';
    this.emit('close');
  }
}

function assertOneMode({ port, server, noServer }: ServerOptions): void {
  const given = [port !== undefined && port !== null, Boolean(server), Boolean(noServer)];
  if (given.filter(Boolean).length === 1) return;
  throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified');
}

function ignore(): void {}
