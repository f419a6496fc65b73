export { CloseEvent, type CloseEventInit } from './close-event.ts';
export { type BinaryType, WebSocket } from './websocket.ts';
export type { WebSocketEventMap } from './websocket-events.ts';
export type { WebSocketInit } from './websocket-init.ts';
