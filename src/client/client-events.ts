import type { Close } from './websocket-shape.ts';

/** What a ReconnectingWebSocket does now; `closed` is for good, unless `reconnect()` is called. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closing' | 'closed';

/** A connection ended, or an attempt that was closed. */
export interface Disconnected extends Close {
  readonly willReconnect: boolean;
}

/** The next attempt has a date. */
export interface Reconnecting {
  /** Which retry it is, from 1; 0 while the network is gone, when retries are not counted. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** The events of a WebSocket of the standard, each as often as there are connections. */
export interface StandardEvents {
  open: Event;
  message: MessageEvent;
  error: Event & { readonly error?: unknown };
  close: Event & Close;
}

/** What is told of the connection as a whole. */
export interface LifecycleEvents {
  connected: Event;
  disconnected: Event & Disconnected;
  reconnecting: Event & Reconnecting;
  maxRetriesReached: Event & { readonly attempts: number };
  /** A message was dropped, as the queue was full. */
  dropped: Event & { readonly data: unknown };
  /** The state is another one. */
  state: Event;
}

export type ReconnectingEvents = StandardEvents & LifecycleEvents;

const LIFECYCLE: readonly string[] = [
  'connected',
  'disconnected',
  'reconnecting',
  'maxRetriesReached',
  'dropped',
  'state',
] satisfies Array<keyof LifecycleEvents>;

/** Tells whether a type is none that messages can be listened to by. */
export function isLifecycle(type: string): type is keyof LifecycleEvents {
  return LIFECYCLE.includes(type);
}

type AnyListener = Parameters<EventTarget['addEventListener']>[1];
type AddOptions = Parameters<EventTarget['addEventListener']>[2];
type RemoveOptions = Parameters<EventTarget['removeEventListener']>[2];
type Listener<Type extends keyof ReconnectingEvents> =
  | ((event: ReconnectingEvents[Type]) => unknown)
  | { handleEvent(event: ReconnectingEvents[Type]): unknown };

/** An EventTarget that knows which event comes with which type. */
export interface ReconnectingEventTarget extends EventTarget {
  addEventListener<Type extends keyof ReconnectingEvents>(
    type: Type,
    listener: Listener<Type> | null,
    options?: AddOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: AddOptions): void;
  removeEventListener<Type extends keyof ReconnectingEvents>(
    type: Type,
    listener: Listener<Type> | null,
    options?: RemoveOptions,
  ): void;
  removeEventListener(type: string, listener: AnyListener, options?: RemoveOptions): void;
}

/** EventTarget itself, with its listeners' events typed. */
export const TypedEventTarget = EventTarget as new () => ReconnectingEventTarget;
