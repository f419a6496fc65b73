import type { QueueLimits } from './send-queue.ts';
import type { Close, WebSocketClass } from './websocket-shape.ts';

/** A value, or what returns it: it is called afresh for each attempt. */
export type Provided<Value> = Value | (() => Value | PromiseLike<Value>);

export interface ClientHeartbeat {
  /** How often to send `message`, in milliseconds. Default 25,000. */
  readonly intervalMs?: number | undefined;
  /** How long nothing may come behind it before the connection counts as dead, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** What the server answers, in whatever way; `undefined` sends nothing this time. */
  readonly message: string | (() => string | undefined);
}

export interface ReconnectingOptions {
  /** The WebSocket to connect with. Default: the platform's. */
  readonly WebSocket?: WebSocketClass | undefined;
  /** The longest delay before the first retry, in milliseconds; the delay is random below it. Default 1,000. */
  readonly minDelayMs?: number | undefined;
  /** The longest delay before any retry, in milliseconds. Default 30,000. */
  readonly maxDelayMs?: number | undefined;
  /** By how much the longest delay grows from one retry to the next. Default 2. */
  readonly delayFactor?: number | undefined;
  /** How many retries may fail in a row. Default 10. */
  readonly maxRetries?: number | undefined;
  /** How long a connection has to hold before retries are counted anew, in milliseconds. Default 5,000. */
  readonly stableAfterMs?: number | undefined;
  /** How long an attempt may take, the calls for URL and subprotocols included, in milliseconds; 0 for no limit. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** What waits for a connection. Default: 250 messages, 1 MiB, and `reject`. */
  readonly queue?: Partial<QueueLimits> | undefined;
  /** Finds dead connections. Default: none, as it needs a server that answers. */
  readonly heartbeat?: ClientHeartbeat | undefined;
  /** Whether to come back after a close. Default: unless its code is 1000 or another one that refuses (docs/client.md). */
  readonly shouldReconnect?: ((close: Close) => boolean) | undefined;
  /** Whether to come back once after 4401, for URLs and subprotocols that are functions. Default false. */
  readonly retryUnauthorized?: boolean | undefined;
  /** Whether to wait for `reconnect()` before the first attempt. Default false. */
  readonly startClosed?: boolean | undefined;
  /** Whether to heed the page: its network, its freezing, its coming back. Default true. */
  readonly followPage?: boolean | undefined;
  /** Closes for good. */
  readonly signal?: AbortSignal | undefined;
}

/** The names that reconnecting-websocket and partysocket have for the same. */
export interface FamiliarOptions {
  readonly minReconnectionDelay?: number | undefined;
  readonly maxReconnectionDelay?: number | undefined;
  readonly reconnectionDelayGrowFactor?: number | undefined;
  readonly minUptime?: number | undefined;
  readonly connectionTimeout?: number | undefined;
  readonly maxEnqueuedMessages?: number | undefined;
  readonly shouldReconnectOnClose?: ((close: Close) => boolean) | undefined;
}

/** The options, with a value for each that has a default. */
export interface Settings extends ReconnectingOptions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly delayFactor: number;
  readonly maxRetries: number;
  readonly stableAfterMs: number;
  readonly connectTimeoutMs: number;
  readonly queue: QueueLimits;
}

/** Fills in the defaults. */
export function readOptions(options: ReconnectingOptions & FamiliarOptions): Settings {
  return {
    ...options,
    minDelayMs: options.minDelayMs ?? options.minReconnectionDelay ?? 1000,
    maxDelayMs: options.maxDelayMs ?? options.maxReconnectionDelay ?? 30_000,
    delayFactor: options.delayFactor ?? options.reconnectionDelayGrowFactor ?? 2,
    maxRetries: options.maxRetries ?? 10,
    stableAfterMs: options.stableAfterMs ?? options.minUptime ?? 5000,
    connectTimeoutMs: options.connectTimeoutMs ?? options.connectionTimeout ?? 10_000,
    shouldReconnect: options.shouldReconnect ?? options.shouldReconnectOnClose,
    queue: {
      maxMessages: options.queue?.maxMessages ?? options.maxEnqueuedMessages ?? 250,
      maxBytes: options.queue?.maxBytes ?? 1024 * 1024,
      overflow: options.queue?.overflow ?? 'reject',
    },
  };
}
