import type { EventEmitter } from 'node:events';
import { abortError, whenAborted } from './abort-error.ts';

/**
 * Calls `end` when a signal is aborted while a WebSocket is connecting: at once when it was aborted before. Once the
 * connection is open, or the attempt over, the signal is forgotten.
 */
export function endWhenAborted(ws: EventEmitter, signal: AbortSignal, end: (error: Error) => void): void {
  if (signal.aborted) return end(abortError(signal));
  const forget = (): void => {
    stop();
    ws.off('open', forget).off('close', forget);
  };
  const stop = whenAborted(signal, end);
  ws.on('open', forget).on('close', forget);
}
