import type { WebSocket } from './websocket.ts';
import type { WebSocketEvents } from './websocket-events.ts';

/** Throws where an exception of the application belongs: outside of the connection's own work. */
export function surface(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** Emits an event; what a listener throws surfaces, and does not come here. */
export function emitSafely<Name extends keyof WebSocketEvents>(
  ws: WebSocket,
  name: Name,
  ...args: WebSocketEvents[Name]
): void {
  try {
    ws.emit(name, ...args);
  } catch (error) {
    surface(error);
  }
}
