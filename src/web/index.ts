/**
 * The WebSocket and the WebSocketStream of browsers (WHATWG WebSockets), over the engine of Hawser.
 *
 * @module
 */

export { CloseEvent, type CloseEventInit } from './close-event.ts';
export { type BinaryType, WebSocket } from './websocket.ts';
export type { WebSocketCloseInfo } from './websocket-error.ts';
export { WebSocketError } from './websocket-error.ts';
export type { WebSocketEventMap } from './websocket-events.ts';
export type { WebSocketInit, WebSocketStreamOptions } from './websocket-init.ts';
export { type WebSocketOpenInfo, WebSocketStream } from './websocket-stream.ts';
