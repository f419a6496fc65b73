import type { PayloadSource, SendCallback, SendOptions } from '../core/index.ts';
import { reportMessageOut } from '../diagnostics/connection-reports.ts';
import { abortError } from './abort-error.ts';
import { OutgoingStream, type StreamSource } from './outgoing-stream.ts';
import { notOpenError, OPEN, type ReadyState } from './ready-state.ts';
import { roleOf } from './role.ts';
import { type DroppingConnection, droppedWhenAborted } from './send-signal.ts';

/** How a message is sent as a stream. */
export interface SendStreamOptions {
  /** Whether it is a binary message; by default one whose first chunk is no string. */
  binary?: boolean | undefined;
  /** Compresses, where permessage-deflate was negotiated; default true. */
  compress?: boolean | undefined;
  /** Gives it up when it is aborted: one that has begun can only end with the connection, with 1011. */
  signal?: AbortSignal | undefined;
}

/** What carries it. */
export interface StreamingConnection extends DroppingConnection {
  sendStream(source: PayloadSource, options: SendOptions, callback: SendCallback): void;
}

/** The WebSocket that it is sent on. */
export interface StreamingTarget {
  readonly readyState: ReadyState;
  /** Whether it is the server's end, which does not mask. */
  readonly _isServer: boolean;
}

/**
 * Sends a message in fragments, one for each chunk of the source, as there is room for them.
 *
 * @returns Resolves when all is written out; rejects with the error for which it never will be. Nobody has to handle that.
 */
export function sendStream(
  target: StreamingTarget,
  connection: StreamingConnection | undefined,
  source: StreamSource,
  { binary, compress = true, signal }: SendStreamOptions,
): Promise<void> {
  const sent = new Promise<void>((resolve, reject) => {
    const { readyState, _isServer } = target;
    const stream = new OutgoingStream(source, binary, (isBinary, bytes) =>
      reportMessageOut(target, roleOf(target), isBinary, bytes, true),
    );
    const settle: SendCallback = (error) => {
      stream.close();
      if (error) reject(error);
      else resolve();
    };
    if (connection === undefined || readyState !== OPEN) return settle(notOpenError(readyState));
    if (signal?.aborted) return settle(abortError(signal));
    const callback = signal === undefined ? settle : droppedWhenAborted(signal, connection, settle)!;
    connection.sendStream(stream, { fin: true, compress, mask: !_isServer }, callback);
  });
  // The connection tells its end by itself.
  sent.catch(() => {});
  return sent;
}
