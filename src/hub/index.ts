/**
 * A server of rooms: typed events, answers, guards, presence, and what a client missed while it was away.
 *
 * @module
 */

export type { AllowedOrigins, DrainOptions, DrainResult, HeartbeatOptions } from '../index.ts';
export {
  type Contract,
  type DataOf,
  HUB_ERRORS,
  type HubClose,
  HubCloseCode,
  HubError,
  type HubErrorCode,
  type Offset,
  type OpenContract,
  type ReplyTo,
  type RequestOptions,
} from '../wire/index.ts';
export type {
  Adapter,
  AdapterNode,
  AdapterReport,
  HistoryLimits,
  MaybePromise,
  Member,
  NodeRequest,
  RoomEntry,
  RoomHistory,
  RoomMessage,
  SessionRecord,
} from './adapter.ts';
export type { Rate } from './guards/token-bucket.ts';
export type { CheckedHandler, Handler, HandlerOptions } from './handlers.ts';
export { createHub, type Hub } from './hub.ts';
export type { HubEvents } from './hub-events.ts';
export type { EmitOptions, HubSocket } from './hub-socket.ts';
export { memoryAdapter } from './memory-adapter.ts';
export type { Namespace, OnConnection, OnDisconnect } from './namespace.ts';
export {
  DEFAULT_HISTORY,
  DEFAULT_LIMITS,
  type HubLimits,
  type HubOptions,
  type HubServerOptions,
  type NamespaceOptions,
} from './options.ts';
export { type RefusalDetails, Refused } from './refused.ts';
export { type TokenPlaces, tokenOf } from './request-token.ts';
export type { RoomTarget } from './room-target.ts';
export type { SchemaIssue, StandardSchema } from './standard-schema.ts';
