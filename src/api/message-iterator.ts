import { CloseCode } from '../core/index.ts';
import { AsyncQueue } from './async-queue.ts';
import type { BinaryType, Data, RawData } from './binary-type.ts';
import { HELD_MESSAGE_COST_BYTES } from './early-messages.ts';
import { failureOf } from './error-channel.ts';
import { claimMessages } from './message-claim.ts';
import { type HoldableConnection, ReadingHold } from './reading-hold.ts';
import { CLOSED } from './ready-state.ts';
import type { WebSocket } from './websocket.ts';

/** A message that waits. */
interface Waiting {
  readonly message: Data;
  readonly cost: number;
}

/** The messages of a WebSocket, one by one: what is not asked for is not read from the socket, beyond a bound. */
export class MessageIterator implements AsyncIterableIterator<Data> {
  readonly #ws: WebSocket;
  readonly #connection: () => HoldableConnection | undefined;
  readonly #maxBytes: number;
  readonly #giveBack: () => void;
  readonly #queue = new AsyncQueue<Waiting>();
  #hold: ReadingHold | undefined;
  #bytes = 0;

  /**
   * @param connection - That of `ws`, once there is one.
   * @param maxBytes - With more waiting, each message with the cost of its own, nothing more is read.
   * @throws {Error} Somebody iterates already; the code is WS_ERR_ALREADY_ITERATED.
   */
  constructor(ws: WebSocket, connection: () => HoldableConnection | undefined, maxBytes: number) {
    this.#giveBack = claimMessages(ws, () => void this.return());
    this.#ws = ws;
    this.#connection = connection;
    this.#maxBytes = maxBytes;
    ws.on('message', this.#onMessage).on('close', this.#onClose);
    // What came before and was held is told at the end of this turn.
    if (ws.readyState === CLOSED) setImmediate(this.#onClose);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Returns the next message; the end at 'close'. Rejects with what 'error' has, once. */
  async next(): Promise<IteratorResult<Data, undefined>> {
    const { value, done } = await this.#queue.take();
    if (done) return { value: undefined, done };
    this.#bytes -= value.cost;
    if (this.#bytes <= this.#maxBytes / 2) this.#hold?.readOn();
    return { value: value.message, done: false };
  }

  /** Ends the iteration, and the connection with 1000: nobody takes what comes. */
  async return(): Promise<IteratorResult<Data, undefined>> {
    this.#stop();
    this.#queue.clear();
    this.#queue.end();
    this.#ws.close(CloseCode.NORMAL_CLOSURE);
    return { value: undefined, done: true };
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    const cost = this.#queue.keeps ? sizeOf(data) + HELD_MESSAGE_COST_BYTES : 0;
    this.#bytes += cost;
    this.#queue.push({ message: isBinary ? data : data.toString(), cost });
    if (this.#bytes > this.#maxBytes) this.#holdReading();
  };

  readonly #onClose = (): void => {
    this.#stop();
    const failure = failureOf(this.#ws);
    if (failure === undefined) this.#queue.end();
    else this.#queue.fail(failure);
  };

  #holdReading(): void {
    this.#hold ??= new ReadingHold(this.#connection()!);
    this.#hold.hold();
  }

  #stop(): void {
    this.#ws.off('message', this.#onMessage).off('close', this.#onClose);
    this.#hold?.release();
    this.#giveBack();
  }
}

function sizeOf(data: RawData<BinaryType>): number {
  if (data instanceof Blob) return data.size;
  if (Array.isArray(data)) return data.reduce((sum, { length }) => sum + length, 0);
  return data.byteLength;
}
