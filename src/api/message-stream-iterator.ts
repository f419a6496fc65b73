import { CloseCode } from '../core/index.ts';
import { messageIn } from '../diagnostics/channels.ts';
import { reportMessageIn } from '../diagnostics/connection-reports.ts';
import { AsyncQueue } from './async-queue.ts';
import { failureOf } from './error-channel.ts';
import { claimMessages } from './message-claim.ts';
import { MessageStream } from './message-stream.ts';
import { type HoldableConnection, ReadingHold } from './reading-hold.ts';
import { CLOSED, CONNECTING } from './ready-state.ts';
import { roleOf } from './role.ts';
import type { WebSocket } from './websocket.ts';

/** What of a connection tells messages in pieces. */
export interface PiecewiseConnection extends HoldableConnection {
  messagesInPieces: boolean;
}

/** Who takes the messages of a WebSocket in pieces. */
const takers = new WeakMap<WebSocket, MessageStreamIterator>();

/** The messages of a WebSocket, each as a stream, one after the other: the next one begins when the last is read or discarded. */
export class MessageStreamIterator implements AsyncIterableIterator<MessageStream> {
  readonly #ws: WebSocket;
  readonly #connection: () => PiecewiseConnection | undefined;
  readonly #giveBack: () => void;
  readonly #queue = new AsyncQueue<MessageStream>();
  /** Streams that are neither read nor discarded. */
  readonly #unread = new Set<MessageStream>();
  #hold: ReadingHold | undefined;
  /** The message that is coming. */
  #current: MessageStream | undefined;
  /** Its bytes so far. */
  #bytes = 0;
  /** What {@link next} gave last. */
  #given: MessageStream | undefined;

  /**
   * @param connection - That of `ws`, once there is one.
   * @throws {Error} Somebody iterates already; the code is WS_ERR_ALREADY_ITERATED.
   */
  constructor(ws: WebSocket, connection: () => PiecewiseConnection | undefined) {
    this.#giveBack = claimMessages(ws, () => void this.return());
    this.#ws = ws;
    this.#connection = connection;
    takers.set(ws, this);
    // What came as a whole before this is in Buffers.
    ws.binaryType = 'nodebuffer';
    ws.on('message', this.#onMessage).on('close', this.#onClose);
    if (ws.readyState === CONNECTING) ws.once('open', this.#onOpen);
    else if (ws.readyState === CLOSED) setImmediate(this.#onClose);
    else this.#onOpen();
  }

  /** Returns who takes the messages of `ws` in pieces. */
  static of(ws: WebSocket): MessageStreamIterator | undefined {
    return takers.get(ws);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Returns the next message; what is left of the one before is discarded. */
  async next(): Promise<IteratorResult<MessageStream, undefined>> {
    this.#given?.destroy();
    const taken = await this.#queue.take();
    this.#given = taken.value;
    return taken;
  }

  /** Ends the iteration, and the connection with 1000: nobody takes what comes. */
  async return(): Promise<IteratorResult<MessageStream, undefined>> {
    this.#stop();
    for (const stream of this.#unread) stream.destroy();
    this.#queue.clear();
    this.#queue.end();
    this.#ws.close(CloseCode.NORMAL_CLOSURE);
    return { value: undefined, done: true };
  }

  /** Takes bytes of a message. */
  take(piece: Buffer, isBinary: boolean, last: boolean): void {
    this.#current ??= this.#begin(isBinary);
    const stream = this.#current;
    this.#bytes += piece.length;
    if (last) this.#end(isBinary);
    this.#put(stream, piece, last);
  }

  #put(stream: MessageStream, piece: Buffer, last: boolean): void {
    if (stream.destroyed) return;
    const isFull = piece.length > 0 && !stream.push(piece);
    if (last) stream.push(null);
    if (last || isFull) this.#hold?.hold();
  }

  #end(isBinary: boolean): void {
    if (messageIn.hasSubscribers) reportMessageIn(this.#ws, roleOf(this.#ws), isBinary, this.#bytes);
    this.#bytes = 0;
    this.#current = undefined;
  }

  #begin(isBinary: boolean): MessageStream {
    const stream = new MessageStream(isBinary, {
      onWanted: () => {
        if (stream === this.#current) this.#hold?.readOn();
      },
      onClosed: () => {
        this.#unread.delete(stream);
        if (this.#unread.size === 0) this.#hold?.readOn();
      },
    });
    this.#unread.add(stream);
    this.#queue.push(stream);
    return stream;
  }

  readonly #onOpen = (): void => {
    const connection = this.#connection()!;
    this.#hold = new ReadingHold(connection);
    connection.messagesInPieces = true;
  };

  readonly #onMessage = (data: unknown, isBinary: boolean): void => {
    this.#put(this.#begin(isBinary), data as Buffer, true);
  };

  readonly #onClose = (): void => {
    const failure = failureOf(this.#ws);
    this.#stop();
    this.#current?.destroy(failure ?? cutOff());
    if (failure === undefined) this.#queue.end();
    else this.#queue.fail(failure);
  };

  #stop(): void {
    this.#ws.off('message', this.#onMessage).off('close', this.#onClose).off('open', this.#onOpen);
    this.#hold?.release();
    takers.delete(this.#ws);
    this.#giveBack();
  }
}

function cutOff(): Error & { code: 'WS_ERR_MESSAGE_CUT_OFF' } {
  const error = new Error('The connection ended inside of the message');
  return Object.assign(error, { code: 'WS_ERR_MESSAGE_CUT_OFF' as const });
}
