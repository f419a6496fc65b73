import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import type { AllowedOrigins, HeartbeatOptions, PerMessageDeflateOptions } from '../index.ts';
import type { OpenContract } from '../wire/index.ts';
import type { Adapter, HistoryLimits, MaybePromise } from './adapter.ts';
import type { Rate } from './guards/token-bucket.ts';
import type { HubSocket } from './hub-socket.ts';
import type { Refused } from './refused.ts';

/** What a hub lets a client do; each has a close code or an error of its own (docs/hub-protocol.md). */
export interface HubLimits {
  /** Connections in all; more are refused with 503. */
  readonly connections: number;
  /** Connections of one address; more are refused with 429. */
  readonly connectionsPerAddress: number;
  /** Handshakes of one address; more are refused with 429. */
  readonly handshakesPerAddress: Rate;
  /** Messages of one connection; more close it with 4429. */
  readonly messages: Rate;
  /** Bytes of messages of one connection; more close it with 4429. */
  readonly bytes: Rate;
  /** Messages that are not of the protocol, of unknown types or with invalid data; more close the connection with 4400. */
  readonly badMessages: Rate;
  /** Rooms that one socket may be in. */
  readonly roomsPerSocket: number;
  /** Requests of one socket that are being handled, and requests to it that wait for their answers. */
  readonly pendingRequests: number;
  /** How deep arrays and objects in a message may be nested. */
  readonly jsonDepth: number;
  /** The longest message, in bytes; a longer one closes the connection with 1009. */
  readonly messageBytes: number;
  /** Bytes that may wait for a client that reads slowly; beyond them `slowPeer` counts. */
  readonly bufferedBytes: number;
  /** How long a client that knows the protocol may take to say $hello, in milliseconds. */
  readonly helloTimeoutMs: number;
}

export const DEFAULT_LIMITS: HubLimits = {
  connections: 50_000,
  connectionsPerAddress: 1_000,
  handshakesPerAddress: { perSecond: 50, burst: 500 },
  messages: { perSecond: 100, burst: 500 },
  bytes: { perSecond: 1024 * 1024, burst: 8 * 1024 * 1024 },
  badMessages: { perSecond: 1, burst: 20 },
  roomsPerSocket: 100,
  pendingRequests: 100,
  jsonDepth: 32,
  messageBytes: 1024 * 1024,
  bufferedBytes: 16 * 1024 * 1024,
  helloTimeoutMs: 10_000,
};

export const DEFAULT_HISTORY: Required<HistoryLimits> = {
  count: 1_000,
  ageMs: 120_000,
  bytes: 16 * 1024 * 1024,
};

/** Where a hub listens: one of the three. */
export interface HubServerOptions {
  /** Listens by itself. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** With `port`: makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
  /** Attaches to an HTTP server. */
  readonly server?: HttpServer | HttpsServer | undefined;
  /** Takes upgrades by `hub.handleUpgrade` only. */
  readonly noServer?: boolean | undefined;
}

/** How clients of a namespace are let in. */
export interface NamespaceOptions<Context> {
  /** Decides on a request before its upgrade: returns the socket's context, or who is refused and how; throwing {@link Refused} refuses too, throwing anything else refuses with 401. */
  readonly authorize?: ((request: IncomingMessage) => MaybePromise<Context | Refused>) | undefined;
  /** Decides on a client's own wish to join a room; without it, none is granted. */
  readonly authorizeJoin?:
    | ((socket: HubSocket<OpenContract, Context>, room: string) => MaybePromise<boolean>)
    | undefined;
  /** Whose session it is: by default the context as JSON. A session goes on only for the same. */
  readonly identify?: ((context: Context) => string) | undefined;
  /** When the context's authorization ends, in milliseconds since 1970; the socket is closed with 4401 then. */
  readonly expiresAt?: ((context: Context) => number | undefined) | undefined;
  /** What the list of members tells of a socket; without it no presence is kept. */
  readonly presence?: ((socket: HubSocket<OpenContract, Context>, room: string) => unknown) | undefined;
}

export interface HubOptions<Context> extends HubServerOptions, NamespaceOptions<Context> {
  /** The path of the hub's own clients; default `/`. */
  readonly path?: string | undefined;
  /**
   * Which web pages may connect; default 'same-origin'. Behind a proxy that ends TLS or changes Host, a list of origins;
   * 'any' for all.
   */
  readonly origins?: AllowedOrigins | undefined;
  /** Addresses and networks, such as `10.0.0.0/8`, of the proxies whose X-Forwarded-For is believed; default none. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Pings clients, and lets go of those that are silent; default true. */
  readonly heartbeat?: boolean | HeartbeatOptions | undefined;
  /**
   * What becomes of a client that does not read what waits for it: 'close', with 1013, after which it comes back for what it
   * missed, is the default; 'wait' lets all wait.
   */
  readonly slowPeer?: 'close' | 'wait' | undefined;
  /** What is between the nodes; default {@link memoryAdapter}. */
  readonly adapter?: Adapter | undefined;
  /** How much of each room is kept for clients that come back. */
  readonly history?: Partial<HistoryLimits> | undefined;
  readonly limits?: Partial<HubLimits> | undefined;
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
}
