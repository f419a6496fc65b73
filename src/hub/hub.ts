import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type DrainOptions,
  type DrainResult,
  type VerifyClientCallbackAsync,
  type WebSocket,
  WebSocketServer,
} from '../index.ts';
import { type Contract, type OpenContract, SUBPROTOCOL } from '../wire/index.ts';
import { type Adapter, type NodeRequest, type RoomEntry, splitRoomKey } from './adapter.ts';
import { Admission } from './admission.ts';
import { ClientAddresses } from './guards/client-address.ts';
import type { HubEvents } from './hub-events.ts';
import { HubHost } from './hub-host.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { Namespace } from './namespace.ts';
import {
  DEFAULT_HISTORY,
  DEFAULT_LIMITS,
  type HubLimits,
  type HubOptions,
  type NamespaceOptions,
} from './options.ts';
import { Refused, refuseForNow } from './refused.ts';
import { randomId } from './session.ts';

/** What is known of a request that was let in, until its WebSocket is there. */
interface Entrance {
  readonly namespace: Namespace;
  readonly context: unknown;
  readonly address: string;
}

/** How long `close` waits for clients, in milliseconds. */
const CLOSE_DEADLINE_MS = 1_000;

/** A server of rooms and typed events; see {@link createHub}. */
export class Hub<C extends Contract = OpenContract, Context = unknown> extends Namespace<C, Context> {
  /** What the hub tells of itself. */
  readonly events: EventEmitter<HubEvents>;
  readonly #server: WebSocketServer;
  readonly #adapter: Adapter;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #addresses: ClientAddresses;
  readonly #admission: Admission;
  readonly #entrances = new WeakMap<IncomingMessage, Entrance>();
  readonly #ready: Promise<void>;
  #drained: Promise<DrainResult> | undefined;

  /** @internal */
  constructor(options: HubOptions<Context>) {
    const events = new EventEmitter<HubEvents>();
    const adapter = options.adapter ?? memoryAdapter();
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const history = { ...DEFAULT_HISTORY, ...options.history };
    const nodeId = randomId();
    const path = options.path ?? '/';
    assertPath(path);
    super(path, new HubHost({ adapter, limits, historyCount: history.count, nodeId, events }), options);
    this.events = events;
    this.#adapter = adapter;
    this.#addresses = new ClientAddresses(options.trustedProxies ?? []);
    this.#admission = new Admission(limits);
    this.#namespaces.set(path, this as unknown as Namespace);
    this.#server = this.#createServer(options, limits);
    const opened = adapter.open({
      id: nodeId,
      history,
      deliver: (entry) => this.#deliver(entry),
      gap: (room) => this.#gap(room),
      answer: (request) => this.#answer(request),
      report: (report) => events.emit('cluster', report),
    });
    this.#ready = Promise.resolve(opened);
    // Who does not wait for it is to know all the same.
    this.#ready.catch((error) => this.host.onFailure(error, undefined));
  }

  /** Settles when the adapter has joined the cluster. Rejects when it cannot. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Returns where the hub listens: an address, a path, or `null`. */
  address(): AddressInfo | string | null {
    return this.#server.address();
  }

  /**
   * Makes the namespace of another path, with clients, rooms and handlers of its own.
   *
   * @throws {TypeError} There is one already, or it is no path.
   */
  namespace<NamespaceContract extends Contract = OpenContract, NamespaceContext = unknown>(
    path: string,
    options: NamespaceOptions<NamespaceContext> = {},
  ): Namespace<NamespaceContract, NamespaceContext> {
    assertPath(path);
    if (this.#namespaces.has(path)) throw new TypeError(`There is a namespace ${path} already`);
    const namespace = new Namespace<NamespaceContract, NamespaceContext>(path, this.host, options);
    this.#namespaces.set(path, namespace as unknown as Namespace);
    return namespace;
  }

  /** Takes an upgrade of an HTTP server by hand, with `noServer`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#onConnection(ws as WebSocket, request));
  }

  /**
   * Takes no more connections, which are refused with 503; tells the clients 1001, with which they come back elsewhere;
   * cuts off at the deadline those that are still there; leaves the cluster. A second call joins the first.
   *
   * @returns What became of the connections, when the last one is gone.
   * @throws {TypeError | RangeError} As `WebSocketServer.drain`.
   */
  drain(options: DrainOptions = {}): Promise<DrainResult> {
    this.#drained ??= this.#drain(options);
    return this.#drained;
  }

  /** Drains within a second, and lets go of the server that the hub listens to. */
  async close(): Promise<void> {
    await this.drain({ deadlineMs: CLOSE_DEADLINE_MS });
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #drain(options: DrainOptions): Promise<DrainResult> {
    const result = await this.#server.drain(options);
    await this.#adapter.close();
    return result;
  }

  #createServer(options: HubOptions<Context>, limits: HubLimits): WebSocketServer {
    const { port, host, tls, server, noServer, perMessageDeflate } = options;
    const webSocketServer = new WebSocketServer({
      port,
      host,
      tls,
      server,
      noServer,
      perMessageDeflate,
      origins: options.origins ?? 'same-origin',
      heartbeat: options.heartbeat ?? true,
      slowPeer: options.slowPeer ?? 'close',
      maxBufferedBytes: limits.bufferedBytes,
      maxPayload: limits.messageBytes,
      maxConnections: limits.connections,
      verifyClient: (info, callback) => void this.#decide(info.req, callback),
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    webSocketServer.on('connection', (ws, request) => this.#onConnection(ws as WebSocket, request));
    webSocketServer.on('listening', () => this.events.emit('listening'));
    webSocketServer.on('error', (error) => this.events.emit('error', error));
    return webSocketServer;
  }

  /** Lets a request in, or refuses it. */
  async #decide(request: IncomingMessage, callback: Decision): Promise<void> {
    const refused = await this.#refusalOf(request);
    try {
      if (refused === undefined) {
        callback(true);
        return;
      }
      this.events.emit('refused-request', refused, request);
      callback(false, refused.status, refused.body, refused.headers);
    } catch (error) {
      // Headers that are none, say: the socket is closed without an answer.
      this.host.onFailure(error, undefined);
    }
  }

  async #refusalOf(request: IncomingMessage): Promise<Refused | undefined> {
    try {
      const address = this.#addresses.of(request);
      onceClosed(request.socket, this.#admission.enter(address));
      const namespace = this.#namespaces.get(pathOf(request));
      if (namespace === undefined) return new Refused(404);
      await this.#ready.catch(() => Promise.reject(refuseForNow(503, 'Not ready')));
      const context = await namespace.options.authorize?.(request);
      if (context instanceof Refused) return context;
      this.#entrances.set(request, { namespace, context, address });
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error;
      this.host.onFailure(error, undefined);
      return new Refused(401);
    }
  }

  #onConnection(ws: WebSocket, request: IncomingMessage): void {
    const { namespace, context, address } = this.#entrances.get(request)!;
    this.#entrances.delete(request);
    namespace.accept({ ws, request, context, address, speaksHub: ws.protocol === SUBPROTOCOL });
  }

  #deliver(entry: RoomEntry): void {
    const [path, room] = splitRoomKey(entry.room);
    this.#namespaces.get(path)?.deliver(room, entry);
  }

  #gap(key: string): void {
    const [path, room] = splitRoomKey(key);
    this.#namespaces.get(path)?.rooms.get(room)?.gap();
  }

  /** Answers another node. */
  #answer(request: NodeRequest): readonly string[] {
    if (request.kind === 'replace') {
      for (const namespace of this.#namespaces.values()) namespace.replace(request.socketId);
      return [];
    }
    const [path, room] = splitRoomKey(request.room);
    return this.#namespaces.get(path)?.answer(request, room) ?? [];
  }
}

/**
 * Makes a hub: rooms and typed events for clients of `hawser/client`, or any WebSocket (docs/hub.md).
 *
 * @throws {TypeError} Not exactly one of `port`, `server` and `noServer` is given; or what is no origin, proxy or path is.
 */
export function createHub<C extends Contract = OpenContract, Context = unknown>(
  options: HubOptions<Context>,
): Hub<C, Context> {
  return new Hub(options);
}

type Decision = Parameters<VerifyClientCallbackAsync>[1];

/** Calls back when a socket is gone, whatever became of it until then. */
function onceClosed(socket: Socket, callback: () => void): void {
  if (socket.destroyed) callback();
  else socket.once('close', callback);
}

/** @throws {TypeError} It is no path of a namespace. */
function assertPath(path: string): void {
  if (!/^\/[^?#]*$/.test(path)) throw new TypeError(`A namespace is a path: ${JSON.stringify(path)}`);
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
