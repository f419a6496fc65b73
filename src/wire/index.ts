export type {
  Contract,
  DataArguments,
  DataOf,
  EventMap,
  OpenContract,
  ReplyTo,
  TypeIn,
} from './contract.ts';
export { assertEventType } from './event-type.ts';
export { type HubClose, HubCloseCode, type Retry, retryAfter } from './hub-close-code.ts';
export { HUB_ERRORS, HubError, type HubErrorCode, hubErrorFrom } from './hub-error.ts';
export {
  EVERYBODY,
  isProtocolType,
  isRoom,
  isType,
  MAX_ROOM_LENGTH,
  MAX_TYPE_LENGTH,
  PROTOCOL_PREFIX,
  parseBinaryMessage,
  parseMessage,
  serializeBinaryMessage,
  serializeMessage,
  type WireLimits,
  type WireMessage,
} from './message.ts';
export { compareOffsets, isOffset, LAST, type Offset, START } from './offset.ts';
export { DEFAULT_REQUEST_TIMEOUT_MS, PendingRequests, type RequestOptions } from './pending-requests.ts';
export { SUBPROTOCOL } from './subprotocol.ts';
