import { CloseCode } from '../core/index.ts';
import type { Connection } from '../node/connection.ts';
import type { BinaryType, Data, DefaultBinaryType } from './binary-type.ts';
import { endReading } from './message-claim.ts';
import { MessageIterator } from './message-iterator.ts';
import type { MessageStream } from './message-stream.ts';
import { MessageStreamIterator } from './message-stream-iterator.ts';
import { type OpenInfo, openedOf } from './opened.ts';
import { DEFAULTS } from './options.ts';
import type { StreamSource } from './outgoing-stream.ts';
import { CLOSED } from './ready-state.ts';
import { type SendStreamOptions, sendStream } from './send-stream.ts';
import type { WebSocket } from './websocket.ts';
import { WebSocketEmitter } from './websocket-emitter.ts';

/** What a WebSocket is to code that awaits: iterations over its messages, streams of one message, a promise of the open. */
export abstract class AsyncWebSocket<B extends BinaryType = DefaultBinaryType> extends WebSocketEmitter<B> {
  /** What carries it, once there is something. @internal */
  abstract get _connection(): Connection | undefined;

  /**
   * Resolves at the open. Rejects with the error for which it never opens, which nobody has to handle. A program that sets
   * a property of this name has that.
   */
  get opened(): Promise<OpenInfo> {
    return openedOf(this.#ws);
  }

  set opened(value: unknown) {
    Object.defineProperty(this, 'opened', { value, writable: true, enumerable: true, configurable: true });
  }

  /**
   * Iterates over the messages: text as strings, what is binary by `binaryType` (its type leaves out Blobs). Reading stops while more than 1 MiB waits.
   * It ends at 'close', and rejects with the error of a connection that failed; leaving it early closes with 1000.
   *
   * @throws {Error} The messages are being iterated over already; the code is WS_ERR_ALREADY_ITERATED.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Data> {
    return new MessageIterator(this.#ws, () => this._connection, DEFAULTS.maxEarlyMessageBytes);
  }

  /**
   * Iterates over the messages, each as a stream that begins with its first bytes; in the place of 'message', from the next
   * message on. One that is not read keeps the connection waiting; going on to the next discards what is left. `maxPayload`
   * does not count for them, but `maxStreamedBytes`. It ends, rejects and closes as an iteration over the WebSocket.
   *
   * @throws {Error} The messages are being iterated over already; the code is WS_ERR_ALREADY_ITERATED.
   */
  messageStreams(): AsyncIterableIterator<MessageStream> {
    return new MessageStreamIterator(this.#ws, () => this._connection);
  }

  /**
   * Sends one message from a stream, a generator or anything else to iterate over, in fragments (RFC 6455 §5.4), without
   * holding it: chunks are asked for as there is room. Pings go between them; messages sent meanwhile wait for the end.
   * When the source fails, or `signal` is aborted, in the middle, the connection ends with 1011.
   *
   * @returns Resolves when all is written out; rejects with the error for which it never will be. Nobody has to handle it.
   */
  sendStream(source: StreamSource, options: SendStreamOptions = {}): Promise<void> {
    return sendStream(this.#ws, this._connection, source, options);
  }

  /** Closes with 1000 and waits for 'close', which comes by `closeTimeout`; `await using` calls it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ws = this.#ws;
    if (ws.readyState === CLOSED) return;
    const closed = new Promise((resolve) => ws.prependOnceListener('close', resolve));
    ws.close(CloseCode.NORMAL_CLOSURE);
    endReading(ws);
    // A peer's Close frame behind what nobody reads would not be seen.
    ws.resume();
    await closed;
  }

  get #ws(): WebSocket {
    return this as unknown as WebSocket;
  }
}
