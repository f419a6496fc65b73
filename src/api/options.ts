import type {
  ClientRequest as HttpClientRequest,
  Server as HttpServer,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { ConnectionOptions as TlsConnectOptions, TlsOptions } from 'node:tls';
import type { DeflateNegotiationOptions, DeflateParameters } from '../handshake/deflate-offer.ts';
import type { DeflateTuning } from '../node/deflate.ts';
import type { WebSocket } from './websocket.ts';

/** permessage-deflate: what to negotiate (RFC 7692 §7.1) and how to compress. */
export interface PerMessageDeflateOptions extends DeflateNegotiationOptions, DeflateTuning {}

/** What both ends can set for a connection. */
export interface ConnectionLimits {
  /** The longest message to accept, after inflating, in bytes; 0 for no limit. */
  readonly maxPayload?: number | undefined;
  /** How long the closing handshake may take before the socket is destroyed, in milliseconds. */
  readonly closeTimeout?: number | undefined;
  /** Passes text and close reasons through that are not UTF-8. */
  readonly skipUTF8Validation?: boolean | undefined;
  /** Whether pings are answered by themselves. */
  readonly autoPong?: boolean | undefined;
  /** How long the opening handshake may take, in milliseconds; 0 for no limit. */
  readonly handshakeTimeout?: number | undefined;
  /** Whether several 'message', 'ping' and 'pong' events may come in one tick; default true. */
  readonly allowSynchronousEvents?: boolean | undefined;
  /** The most frames of one message; none by default, as memory is bounded by bytes, by `maxPayload`. */
  readonly maxFragments?: number | undefined;
  /** The most chunks of the socket in one frame; none by default, as memory is bounded by bytes. */
  readonly maxBufferedChunks?: number | undefined;
  /** How many pongs of `autoPong` may be unwritten; at the next ping the connection is terminated. 0 for no limit. */
  readonly maxPendingAutoPongs?: number | undefined;
}

export const DEFAULTS = {
  maxPayload: 100 * 1024 * 1024,
  closeTimeout: 30_000,
  skipUTF8Validation: false,
  autoPong: true,
  allowSynchronousEvents: true,
  maxFragments: 0,
  maxBufferedChunks: 0,
  maxPendingAutoPongs: 60,
  maxRedirects: 10,
  /** Of a client: none, as with `ws`. */
  clientHandshakeTimeout: 0,
  /** Of a server that reads the request itself. */
  serverHandshakeTimeout: 10_000,
  protocolVersion: 13,
} as const;

/** What goes to `http.request`, where a request has use for it. */
type HttpOptions = Omit<
  RequestOptions,
  keyof ConnectionLimits | keyof TlsConnectOptions | 'auth' | 'headers'
>;

export interface ClientOptions extends ConnectionLimits, TlsConnectOptions, HttpOptions {
  /** Offers permessage-deflate; default true. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** 13, or 8 for servers of a draft. */
  readonly protocolVersion?: number | undefined;
  /** Further request headers. */
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** The Origin header. */
  readonly origin?: string | undefined;
  /** `user:password` of HTTP basic authentication; userinfo in the URL wins. */
  readonly auth?: string | undefined;
  /** Subprotocols to offer, where the second argument is left out. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Fills the 4 bytes of a masking key; for tests. */
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  /** Follows redirects of the opening handshake; default false. */
  readonly followRedirects?: boolean | undefined;
  /** How many; default 10. */
  readonly maxRedirects?: number | undefined;
  /** Changes the request before it is sent, and ends it, now or later. */
  readonly finishRequest?: ((request: HttpClientRequest, websocket: WebSocket) => void) | undefined;
}

export interface MessageOptions {
  /** Sends text as binary, or bytes as text. */
  readonly binary?: boolean | undefined;
  /** Compresses, where permessage-deflate was negotiated; default true. */
  readonly compress?: boolean | undefined;
  /** Ends the message; `false` begins, or goes on with, a message in fragments. Default true. */
  readonly fin?: boolean | undefined;
  /** Masks; default true for clients, false for servers. */
  readonly mask?: boolean | undefined;
}

/** What `setSocket` needs to know of an upgraded socket. */
export interface SocketOptions extends ConnectionLimits {
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  /** What was negotiated, where permessage-deflate was. */
  readonly deflate?: { readonly parameters: DeflateParameters; readonly tuning: DeflateTuning } | undefined;
  readonly subprotocol?: string | undefined;
}

/** Options of an instance that gets its socket later, by `setSocket`. */
export interface DetachedOptions {
  /** Default true. */
  readonly isServer?: boolean | undefined;
}

export interface VerifyClientInfo<Request extends IncomingMessage = IncomingMessage> {
  readonly origin: string | undefined;
  readonly secure: boolean;
  readonly req: Request;
}

export type VerifyClientCallback = (
  accepted: boolean,
  statusCode?: number,
  message?: string,
  headers?: Record<string, string>,
) => void;

/** Decides before the upgrade: by its return value, or by the callback where it takes one. */
export type VerifyClient = (
  info: VerifyClientInfo,
  callback: VerifyClientCallback,
  // biome-ignore lint/suspicious/noConfusingVoidType: with the callback it returns nothing, without it a decision
) => boolean | void;

export interface ServerOptions extends ConnectionLimits {
  /** Listens by itself, on a raw socket server. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly backlog?: number | undefined;
  /** With `port`: makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
  /** Attaches to an HTTP server. */
  readonly server?: HttpServer | HttpsServer | undefined;
  /** Takes upgrades only by `handleUpgrade`. */
  readonly noServer?: boolean | undefined;
  /** Accepts only requests for this path. */
  readonly path?: string | undefined;
  /** Accepts offers of permessage-deflate; default false. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  readonly verifyClient?: VerifyClient | undefined;
  /** Chooses the subprotocol; false for none. */
  readonly handleProtocols?:
    | ((protocols: Set<string>, request: IncomingMessage) => string | false)
    | undefined;
  /** Whether `clients` is kept; default true. */
  readonly clientTracking?: boolean | undefined;
  /** The class of the connections. */
  readonly WebSocket?: typeof WebSocket | undefined;
}

/** The negotiation options that a `perMessageDeflate` option stands for; `undefined` when it is off. */
export function deflateOptions(
  option: boolean | PerMessageDeflateOptions | undefined,
): PerMessageDeflateOptions | undefined {
  if (option === true) return {};
  return option || undefined;
}

/** `maxPayload` as a number to compare with: 0 means no limit. */
export function payloadLimit(maxPayload: number | undefined): number {
  return (maxPayload ?? DEFAULTS.maxPayload) || Number.MAX_SAFE_INTEGER;
}
