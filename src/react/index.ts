/** React hooks over `hawser/client`. @module */

'use client';

export type { ConnectionStatus } from './connection-status.ts';
export type { HookUrl } from './hook-url.ts';
export type { SocketSnapshot } from './socket-store.ts';
export { type UseHub, type UseHubOptions, useHub } from './use-hub.ts';
export { useHubEvent } from './use-hub-event.ts';
export { type UseWebSocket, type UseWebSocketOptions, useWebSocket } from './use-websocket.ts';
