import type { ClientRequest, IncomingMessage } from 'node:http';
import type { BinaryType, DefaultBinaryType, RawData } from './binary-type.ts';
import type { EventMap } from './event-target.ts';

/** The events of a {@link WebSocket} and what their listeners get. */
export interface WebSocketEvents<B extends BinaryType = DefaultBinaryType> {
  open: [];
  /** Text is a Buffer of UTF-8; what is binary goes by `binaryType`. */
  message: [data: Buffer, isBinary: false] | [data: RawData<B>, isBinary: true];
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  /** No more than `lowWaterMarkBytes` waits to be sent, after it was more than `highWaterMarkBytes`. */
  drain: [];
  close: [code: number, reason: Buffer];
  error: [error: Error];
  upgrade: [response: IncomingMessage];
  redirect: [url: string, request: ClientRequest];
  'unexpected-response': [request: ClientRequest, response: IncomingMessage];
}

/** What `onopen` gets. */
export type Event = EventMap['open'];
/** What `onmessage` gets. */
export type MessageEvent = EventMap['message'];
/** What `onclose` gets. */
export type CloseEvent = EventMap['close'];
/** What `onerror` gets. */
export type ErrorEvent = EventMap['error'];
/** The events of `addEventListener`, by their types. */
export type WebSocketEventMap = EventMap;

export interface EventListenerOptions {
  /** Whether the listener is removed when it is called. */
  once?: boolean | undefined;
}
