import type {
  ClientRequest as HttpClientRequest,
  Server as HttpServer,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from 'node:http';
import type { ClientHttp2Session, Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import type { createConnection } from 'node:net';
import type { ConnectionOptions as TlsConnectOptions, TlsOptions } from 'node:tls';
import type { BackPressure } from '../core/index.ts';
import type { DeflateNegotiationOptions, DeflateParameters } from '../handshake/deflate-offer.ts';
import type * as origin from '../handshake/origin.ts';
import { DEFAULT_HIGH_WATER_MARK_BYTES, DEFAULT_LOW_WATER_MARK_BYTES } from '../node/connection-options.ts';
import { DEFAULT_TUNING, type DeflateTuning } from '../node/deflate.ts';
import type * as proxy from '../node/proxy/choose-proxy.ts';
import type * as proxyServer from '../node/proxy/proxy-server.ts';
import type { BinaryType, DefaultBinaryType } from './binary-type.ts';
import type { WebSocket } from './websocket.ts';

/** Which web pages may connect: those of this server's own origin, all, or those of the origins that are named. */
export type AllowedOrigins = origin.AllowedOrigins;
/** What becomes of messages for a peer that does not keep up. */
export type SlowPeerPolicy = BackPressure['slowPeer'];

/** Which proxy a client goes through. */
export type ProxyOption = proxy.ProxyOption;
/** A proxy, and what only the proxy gets to see. */
export type ProxySettings = proxyServer.ProxySettings;

/** permessage-deflate: what to negotiate (RFC 7692 §7.1) and how to compress. */
export interface PerMessageDeflateOptions extends DeflateNegotiationOptions, DeflateTuning {}

/** When to ping, and how long to wait for a sign of life. */
export interface HeartbeatOptions {
  /** How often a peer is pinged, in milliseconds, less up to a tenth by chance; default 30,000. */
  intervalMs?: number | undefined;
  /** How long after a ping a peer may send nothing, in milliseconds; at most `intervalMs`. Default 15,000. */
  timeoutMs?: number | undefined;
}

/** What both ends can set for a connection. */
export interface ConnectionLimits {
  /** The longest message to accept, after inflating, in bytes; 0 for no limit. */
  maxPayload?: number | undefined;
  /** The longest message to accept as a stream, by `messageStreams()`, after inflating, in bytes; none by default. */
  maxStreamedBytes?: number | undefined;
  /** How long the closing handshake may take before the socket is destroyed, in milliseconds. */
  closeTimeout?: number | undefined;
  /** Passes text and close reasons through that are not UTF-8. */
  skipUTF8Validation?: boolean | undefined;
  /** Whether pings are answered by themselves. */
  autoPong?: boolean | undefined;
  /**
   * How long the opening handshake may take, in milliseconds; 0 for no limit. A client's default is 30,000, for each
   * request along redirects. A server's 10,000 are for each part: on a `port` TLS and the request's head, and everywhere
   * what decides over the request.
   */
  handshakeTimeout?: number | undefined;
  /** Whether several 'message', 'ping' and 'pong' events may come in one tick; default true. */
  allowSynchronousEvents?: boolean | undefined;
  /** The most frames of one message; none by default, as memory is bounded by bytes, by `maxPayload`. */
  maxFragments?: number | undefined;
  /** The most chunks of the socket in one frame; none by default, as memory is bounded by bytes. */
  maxBufferedChunks?: number | undefined;
  /** How many pongs of `autoPong` may be unwritten; at the next ping the connection is terminated. 0 for no limit. */
  maxPendingAutoPongs?: number | undefined;
  /**
   * Whether Node's internals are used where they are faster; default true. Without them the socket underneath sees every
   * byte, as with `ws`. HAWSER_NO_FAST_PATH=1 in the environment turns them off for the whole process.
   */
  fastPath?: boolean | undefined;
  /**
   * How many pings, pongs and empty fragments a peer may send in a second; more end the connection with 1008. 0 for no
   * limit.
   */
  maxControlFramesPerSecond?: number | undefined;
  /** Pings the peer, and terminates it when it is silent; `true` for the default times. Default false. */
  heartbeat?: boolean | HeartbeatOptions | undefined;
  /** With more bytes waiting than this, `ready()` waits and messages stay out of the socket; default 64 KiB. */
  highWaterMarkBytes?: number | undefined;
  /** When no more bytes wait than this, 'drain' comes; default 16 KiB, and at most `highWaterMarkBytes`. */
  lowWaterMarkBytes?: number | undefined;
  /**
   * How many bytes of messages may wait behind what the socket has, each frame with 256 for itself; default 128 MiB, 0
   * for no limit. The first message that waits always may.
   */
  maxBufferedBytes?: number | undefined;
  /**
   * What happens with messages above that: 'close' ends the connection with 1013, which is the default; 'drop-oldest'
   * and 'drop-newest' drop whole messages; 'wait' lets all wait.
   */
  slowPeer?: SlowPeerPolicy | undefined;
  /**
   * How long messages are held that come before anybody listens to 'message', in milliseconds; default 10,000, 0 to drop
   * them at once, as `ws` does.
   */
  earlyMessageTimeoutMs?: number | undefined;
  /** How many bytes of them are held, each message with 256 for itself, before reading stops; default 1 MiB. */
  maxEarlyMessageBytes?: number | undefined;
}

/** All limits and times; SECURITY.md has them as a table, by `npm run defaults`. */
export const DEFAULTS = {
  maxPayload: 100 * 1024 * 1024,
  /** None: nothing of such a message is held. */
  maxStreamedBytes: 0,
  closeTimeout: 30_000,
  skipUTF8Validation: false,
  autoPong: true,
  allowSynchronousEvents: true,
  maxFragments: 0,
  maxBufferedChunks: 0,
  maxPendingAutoPongs: 60,
  maxControlFramesPerSecond: 1_000,
  maxConnections: 65_536,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 15_000,
  drainDeadlineMs: 30_000,
  /** When a client that was refused for want of room may come back. */
  retryAfterSeconds: 5,
  highWaterMarkBytes: DEFAULT_HIGH_WATER_MARK_BYTES,
  lowWaterMarkBytes: DEFAULT_LOW_WATER_MARK_BYTES,
  /** More than `maxPayload`: what one connection may bring can wait for another. */
  maxBufferedBytes: 128 * 1024 * 1024,
  slowPeer: 'close',
  /** As long as a server's opening handshake may take: what a program does before it listens is a part of opening. */
  earlyMessageTimeoutMs: 10_000,
  maxEarlyMessageBytes: 1024 * 1024,
  maxRedirects: 10,
  /** Of a client, for each request: longer than what a server takes by default for any part of it. */
  clientHandshakeTimeout: 30_000,
  /** Of a server: for the head where it reads that itself, and for what decides over the request. */
  serverHandshakeTimeout: 10_000,
  protocolVersion: 13,
} as const;

/** The longest time that a timer takes. */
export const MAX_TIMER_MS = 0x7fff_ffff;

/** A certificate or key, as TLS options take it. */
export type CertMeta = string | string[] | Buffer | Buffer[];

/** What goes to `http.request`, where a request has use for it. */
type HttpOptions = Omit<
  RequestOptions,
  keyof ConnectionLimits | keyof TlsConnectOptions | 'auth' | 'headers' | 'createConnection'
>;

/** Changes the request before it is sent, and ends it, now or later. */
export type FinishRequestCallback = (request: HttpClientRequest, websocket: WebSocket) => void;

/** A client's options; `B` is its `binaryType`. */
export interface ClientOptions<B extends BinaryType = DefaultBinaryType>
  extends ConnectionLimits,
    TlsConnectOptions,
    HttpOptions {
  /** How binary messages are handed over from the first one on; default 'nodebuffer'. */
  binaryType?: B | undefined;
  /** Makes the socket; it is given what `http.request` knows of the destination. */
  createConnection?: RequestOptions['createConnection'] | typeof createConnection | undefined;
  /** Offers permessage-deflate; default true. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** 13, or 8 for servers of a draft. */
  protocolVersion?: number | undefined;
  /** Further request headers. */
  headers?: OutgoingHttpHeaders | undefined;
  /** The Origin header. */
  origin?: string | undefined;
  /** `user:password` of HTTP basic authentication; userinfo in the URL wins. */
  auth?: string | null | undefined;
  /** Subprotocols to offer, where the second argument is left out. */
  protocols?: string | readonly string[] | undefined;
  /** Fills the 4 bytes of a masking key; for tests. */
  generateMask?: ((key: Buffer) => void) | undefined;
  /** Follows redirects of the opening handshake; default false. */
  followRedirects?: boolean | undefined;
  /** How many; default 10. */
  maxRedirects?: number | undefined;
  finishRequest?: FinishRequestCallback | undefined;
  /**
   * Goes through a proxy: the URL of one (`http:`, `https:`, `socks5:`, `socks5h:`), alone or with headers and TLS options
   * that are for the proxy; or 'env' for what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say. Default false. Not
   * together with `agent` and `createConnection`.
   */
  proxy?: ProxyOption | null | undefined;
  /** Ends the attempt when it is aborted, with an AbortError; of no effect once the connection is open. */
  signal?: AbortSignal | undefined;
  /**
   * Connects over HTTP/2 (RFC 8441), where WebSockets with the same origin and the same options of TLS share sessions:
   * `true` takes nothing else; 'auto' takes HTTP/1.1 where the server does not have it, and for `ws:` URLs; a session of
   * node:http2 is used and never closed. Default false.
   */
  http2?: boolean | 'auto' | ClientHttp2Session | undefined;
}

export interface MessageOptions {
  /** Sends text as binary, or bytes as text. */
  binary?: boolean | undefined;
  /** Compresses, where permessage-deflate was negotiated; default true. */
  compress?: boolean | undefined;
  /** Ends the message; `false` begins, or goes on with, a message in fragments. Default true. */
  fin?: boolean | undefined;
  /** Masks; default true for clients, false for servers. */
  mask?: boolean | undefined;
  /** Drops the message when it is aborted, unless it has left its queue by then; its callback gets an AbortError. */
  signal?: AbortSignal | undefined;
}

/** What `setSocket` takes of a connection's options. */
export interface SocketOptions extends ConnectionLimits {
  generateMask?: ((key: Buffer) => void) | undefined;
}

/** What an opening handshake agreed to. */
export interface Agreed {
  /** What was negotiated, where permessage-deflate was. */
  readonly deflate?: { readonly parameters: DeflateParameters; readonly tuning: DeflateTuning } | undefined;
  readonly subprotocol?: string | undefined;
}

/** Options of an instance that gets its socket later, by `setSocket`. */
export interface DetachedOptions extends ConnectionLimits {
  /** Default true. */
  readonly isServer?: boolean | undefined;
}

/** What `verifyClient` decides on. */
export interface VerifyClientInfo<Request extends IncomingMessage = IncomingMessage> {
  /** The Origin header; `undefined` without one, which the type leaves out as that of `ws` does. */
  origin: string;
  /** Whether the connection is on TLS. */
  secure: boolean;
  req: Request;
}

/** Decides before the upgrade by its return value. */
export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (
  info: VerifyClientInfo<Request>,
) => boolean;

/** Decides before the upgrade by calling `callback`, now or later; a refusal has 401 and the status's words by default. */
export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
  info: VerifyClientInfo<Request>,
  callback: (accepted: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => void;

/** Either of the two: what takes the callback decides by it. One signature, so that parameters need no types. */
export type VerifyClient<Request extends IncomingMessage = IncomingMessage> = (
  ...args: Parameters<VerifyClientCallbackAsync<Request>>
  // biome-ignore lint/suspicious/noConfusingVoidType: with the callback it returns nothing, without it a decision
) => boolean | void;

/** A class of connections: WebSocket, or one that extends it. */
export interface WebSocketClass {
  new (address: null, protocols?: undefined, options?: DetachedOptions): WebSocket;
}

/** A server's options; generic over the class of its connections and that of the requests of its HTTP server. */
export interface ServerOptions<
  Connection extends WebSocketClass = WebSocketClass,
  Request extends typeof IncomingMessage = typeof IncomingMessage,
> extends ConnectionLimits {
  /** Listens by itself, on a raw socket server. */
  port?: number | undefined;
  host?: string | undefined;
  backlog?: number | undefined;
  /** With `port`: makes it a TLS server. */
  tls?: TlsOptions | undefined;
  /** Attaches to an HTTP server, or to one of node:http2. */
  server?: HttpServer<Request> | HttpsServer<Request> | Http2Server | Http2SecureServer | undefined;
  /**
   * Takes WebSockets over HTTP/2 beside those over HTTP/1.1 (RFC 8441). By default a `server` of node:http2 does, and a
   * `port` doesn't.
   */
  http2?: boolean | undefined;
  /** Takes upgrades only by `handleUpgrade`. */
  noServer?: boolean | undefined;
  /** How many connections may be open; further requests are answered 503. 0 for no limit. Default 65,536. */
  maxConnections?: number | undefined;
  /**
   * Which web pages may connect: 'any', which is the default; 'same-origin', those of this host, port and scheme; or
   * those of a list, such as `['https://example.com']`. Others are answered 403. Requests without Origin, which no
   * browser sends, pass. Behind a proxy that ends TLS or changes Host use a list.
   */
  origins?: AllowedOrigins | undefined;
  /** Accepts only requests for this path. */
  path?: string | undefined;
  /** Accepts offers of permessage-deflate; default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** Decides before the upgrade: by its return value, or by the callback where it takes one. */
  verifyClient?: VerifyClient<InstanceType<Request>> | undefined;
  /** Chooses the subprotocol; false for none. */
  handleProtocols?: ((protocols: Set<string>, request: IncomingMessage) => string | false) | undefined;
  /** Whether `clients` is kept; default true. */
  clientTracking?: boolean | undefined;
  /** The class of the connections. */
  WebSocket?: Connection | undefined;
}

/** Tells whether what stands in the place of subprotocols are options. */
export function isClientOptions(value: unknown): value is ClientOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The negotiation options that a `perMessageDeflate` option stands for; `undefined` when it is off. */
export function deflateOptions(
  option: boolean | PerMessageDeflateOptions | undefined,
): PerMessageDeflateOptions | undefined {
  if (option === true) return DEFAULT_TUNING;
  return option || undefined;
}

/** A limit as a number to compare with: null, 0 and less mean none, as with `ws`. */
export function limitOf(option: number | null | undefined, byDefault: number): number {
  const limit = Math.trunc(Number(option === undefined ? byDefault : option));
  return limit > 0 ? limit : Number.MAX_SAFE_INTEGER;
}
