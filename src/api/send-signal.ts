import type { SendCallback } from '../core/index.ts';
import { abortError, whenAborted } from './abort-error.ts';
import type { MessageOptions } from './options.ts';
import type { SendData, SentCallback } from './payload.ts';
import type { PreparedMessage } from './prepared-message.ts';
import type { WebSocket } from './websocket.ts';

/** What can drop what waits to be sent. */
export interface DroppingConnection {
  drop(callback: SendCallback, error: Error): void;
}

/**
 * Has a message dropped when a signal is aborted while it waits.
 *
 * @returns The callback to send it with; `undefined` when it is not to be sent, which `callback` hears later.
 */
export function droppedWhenAborted(
  signal: AbortSignal,
  connection: DroppingConnection,
  callback: SendCallback | undefined,
): SendCallback | undefined {
  if (signal.aborted) {
    if (callback !== undefined) process.nextTick(callback, abortError(signal));
    return undefined;
  }
  const sent: SendCallback = (error) => {
    forget();
    if (error) callback?.(error);
    else callback?.();
  };
  const forget = whenAborted(signal, (error) => connection.drop(sent, error));
  return sent;
}

/** Sends a message that is dropped when its signal is aborted while it waits. */
export function sendUnlessAborted(
  ws: WebSocket,
  connection: DroppingConnection | undefined,
  data: SendData | PreparedMessage | null | undefined,
  { signal, ...options }: MessageOptions,
  callback: SentCallback | undefined,
): void {
  const sent = connection && droppedWhenAborted(signal!, connection, callback);
  if (sent !== undefined || connection === undefined) ws.send(data, options, sent ?? callback);
}
