/**
 * The WebSocket that comes back, and the client of a hub, for browsers, workers and everywhere else.
 *
 * @module
 */

export {
  type Contract,
  type DataOf,
  HUB_ERRORS,
  type HubClose,
  HubCloseCode,
  HubError,
  type HubErrorCode,
  type OpenContract,
  type ReplyTo,
  type RequestOptions,
} from '../wire/index.ts';
export type {
  ConnectionState,
  Disconnected,
  LifecycleEvents,
  Reconnecting,
  ReconnectingEvents,
  StandardEvents,
} from './client-events.ts';
export {
  type Answer,
  type EventContext,
  HubClient,
  type HubClientOptions,
  type ReliableOptions,
} from './hub-client.ts';
export type { HubClientEvents, Member } from './hub-client-events.ts';
export type { ClientHeartbeat, FamiliarOptions, Provided, ReconnectingOptions } from './options.ts';
export { type MessageMap, ReconnectingWebSocket } from './reconnecting-websocket.ts';
export type { Overflow, QueueLimits } from './send-queue.ts';
export type { BinaryType, Close, Sendable, WebSocketClass, WebSocketShape } from './websocket-shape.ts';
