/**
 * WebSockets for Node with the API of `ws`: the class and its server, and what `ws` exports beside them.
 *
 * @module
 */

import { createWebSocketStream } from './api/create-websocket-stream.ts';
import { PreparedMessage } from './api/prepared-message.ts';
import { WebSocket } from './api/websocket.ts';
import { WebSocketServer } from './api/websocket-server.ts';
import { extension } from './ws/extension.ts';
import { PerMessageDeflate } from './ws/permessage-deflate.ts';
import { Receiver } from './ws/receiver.ts';
import { Sender } from './ws/sender.ts';
import { subprotocol } from './ws/subprotocol.ts';

// As `ws` has it: the module is the class, and the class has the others.
Object.assign(WebSocket, {
  WebSocket,
  WebSocketServer,
  Server: WebSocketServer,
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  PreparedMessage,
  Receiver,
  Sender,
  subprotocol,
});

export default WebSocket;
export type { AddressInfo } from 'node:net';
export type { BinaryType, Data, DefaultBinaryType, RawData } from './api/binary-type.ts';
export type { DrainOptions, DrainResult } from './api/drain.ts';
export type { MessageStream } from './api/message-stream.ts';
export type { OpenInfo } from './api/opened.ts';
export type {
  AllowedOrigins,
  CertMeta,
  ClientOptions,
  ConnectionLimits,
  FinishRequestCallback,
  HeartbeatOptions,
  MessageOptions,
  PerMessageDeflateOptions,
  ProxyOption,
  ProxySettings,
  ServerOptions,
  SlowPeerPolicy,
  VerifyClient,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  VerifyClientInfo,
  WebSocketClass,
} from './api/options.ts';
export type { StreamChunk, StreamSource } from './api/outgoing-stream.ts';
export type { SendData } from './api/payload.ts';
export type { ReadyState } from './api/ready-state.ts';
export type { SendStreamOptions } from './api/send-stream.ts';
export type { CloseInfo, StreamedConnection } from './api/streamed-connection.ts';
export type {
  CloseEvent,
  ErrorEvent,
  Event,
  EventListenerOptions,
  MessageEvent,
  WebSocketEventMap,
  WebSocketEvents,
} from './api/websocket-events.ts';
export type { BroadcastOptions, WebSocketServerEvents } from './api/websocket-server.ts';
export type {
  BufferReport,
  ChannelMessages,
  ChannelName,
  CloseReport,
  ConnectionReport,
  ErrorReport,
  HubRefusalReport,
  HubRoomReport,
  HubSocketReport,
  LatencyReport,
  LimitName,
  LimitReport,
  MessageReport,
  SentMessageReport,
} from './diagnostics/channels.ts';
export type { Handshake } from './diagnostics/handshake.ts';
export {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  PreparedMessage,
  Receiver,
  Sender,
  subprotocol,
  WebSocket,
  WebSocketServer,
};
