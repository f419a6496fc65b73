import type { WebSocket } from './websocket.ts';

/** How to end the reading of those WebSockets whose messages somebody takes one by one. */
const claims = new WeakMap<WebSocket, () => void>();

/**
 * Takes the messages of a WebSocket for one reader.
 *
 * @param end - Ends the reading, at {@link endReading}.
 * @returns What gives them back.
 * @throws {Error} Somebody has them; the code is WS_ERR_ALREADY_ITERATED.
 */
export function claimMessages(ws: WebSocket, end: () => void): () => void {
  if (claims.has(ws)) {
    const error = new Error('The messages of this WebSocket are being iterated over already');
    throw Object.assign(error, { code: 'WS_ERR_ALREADY_ITERATED' as const });
  }
  claims.set(ws, end);
  return () => claims.delete(ws);
}

/** Ends the reading of who has the messages of a WebSocket, if anybody has. */
export function endReading(ws: WebSocket): void {
  claims.get(ws)?.();
}
