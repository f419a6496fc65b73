import { reportError } from '../diagnostics/connection-reports.ts';
import { roleOf } from './role.ts';
import { emitSafely } from './surface.ts';
import type { WebSocket } from './websocket.ts';
import { asWsError } from './ws-error.ts';

/** The first fault of each WebSocket that had one. */
const failures = new WeakMap<WebSocket, Error>();

/** Returns what the first 'error' of a WebSocket has or had; `undefined` while there was none. */
export function failureOf(websocket: WebSocket): Error | undefined {
  return failures.get(websocket);
}

/**
 * Tells a fault, to the subscribers of `hawser:error` and to the listeners of 'error'. Nobody listening is no reason to end
 * the process: the peer would decide over it.
 */
export function tellError(websocket: WebSocket, fault: Error): void {
  const error = asWsError(fault);
  if (!failures.has(websocket)) failures.set(websocket, error);
  reportError(websocket, roleOf(websocket), error);
  if (websocket.listenerCount('error') > 0) emitSafely(websocket, 'error', error);
}
