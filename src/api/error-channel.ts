import { channel } from 'node:diagnostics_channel';
import { emitSafely } from './surface.ts';
import type { WebSocket } from './websocket.ts';
import { asWsError } from './ws-error.ts';

/** What the diagnostics channel `hawser:error` carries. */
export interface ErrorReport {
  readonly websocket: WebSocket;
  /** What 'error' has, or would have if anyone listened to it. */
  readonly error: Error;
}

const errors = channel('hawser:error');

/**
 * Tells a fault, to the subscribers of `hawser:error` and to the listeners of 'error'. Nobody listening is no reason to end
 * the process: the peer would decide over it.
 */
export function tellError(websocket: WebSocket, fault: Error): void {
  const error = asWsError(fault);
  if (errors.hasSubscribers) errors.publish({ websocket, error } satisfies ErrorReport);
  if (websocket.listenerCount('error') > 0) emitSafely(websocket, 'error', error);
}
