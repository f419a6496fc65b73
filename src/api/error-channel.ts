import { channel } from 'node:diagnostics_channel';
import type { WebSocket } from './websocket.ts';

/** What the diagnostics channel `hawser:error` carries. */
export interface ErrorReport {
  readonly websocket: WebSocket;
  /** What 'error' has, or would have if anyone listened to it. */
  readonly error: Error;
}

const errors = channel('hawser:error');

/** Tells the subscribers of `hawser:error` of a fault, also of one that no listener of 'error' hears. */
export function reportError(websocket: WebSocket, error: Error): void {
  if (errors.hasSubscribers) errors.publish({ websocket, error } satisfies ErrorReport);
}
