import { serializeBinaryMessage, serializeMessage, type WireMessage } from '../wire/index.ts';
import { type Queued, type QueueLimits, SendQueue } from './send-queue.ts';
import { Sending } from './sending.ts';

/** How many that are repeated may be out without an answer: a hub takes no more than so many at a time. */
const WINDOW = 50;

export interface Posting {
  /** Sends it again on the next connection, until it is settled. */
  readonly isRepeated: boolean;
}

/** A message on its way to the hub. */
interface Outgoing extends Queued {
  readonly message: WireMessage;
  readonly frame: string | Uint8Array;
  readonly isRepeated: boolean;
  /** Whether it went out on this connection. */
  isSent: boolean;
}

export interface OutboxEvents {
  /** Whether the connection still takes messages: the other end may have begun to close it. */
  isWritable(): boolean;
  write(frame: string | Uint8Array): void;
  /** A message went out, once and for all. */
  onSent(message: WireMessage): void;
  onDropped(message: WireMessage): void;
}

/** Sends messages in order, keeps them while there is no connection, and repeats those that have to arrive. */
export class Outbox {
  readonly #queue: SendQueue<Outgoing>;
  readonly #events: OutboxEvents;
  readonly #byId = new Map<number, Outgoing>();
  #isOpen = false;

  constructor(limits: QueueLimits, events: OutboxEvents) {
    this.#queue = new SendQueue(limits);
    this.#events = events;
  }

  /**
   * Sends a message, or keeps it until it can be sent.
   *
   * @throws {DOMException} QuotaExceededError: too much waits.
   */
  post(message: WireMessage, { isRepeated }: Posting): void {
    const frame = serialize(message);
    if (this.#canWrite && this.#queue.size === 0 && !isRepeated) {
      this.#write(message, frame);
      return;
    }
    const { id } = message;
    const { bytes } = new Sending(frame);
    const outgoing = { message, frame, bytes, isRepeated, isAwaited: id !== undefined, isSent: false };
    for (const dropped of this.#queue.add(outgoing)) this.#events.onDropped(dropped.message);
    if (id !== undefined) this.#byId.set(id, outgoing);
    this.#pump();
  }

  /** Answers the hub, past all that waits; without effect where there is no connection. The answer's id is the hub's. */
  answer(message: WireMessage): void {
    if (this.#canWrite) this.#events.write(serialize(message));
  }

  /** Sends what waits, and once more what was not settled. */
  open(): void {
    for (const outgoing of this.#queue) outgoing.isSent = false;
    this.#isOpen = true;
    this.#pump();
  }

  /** Keeps messages from now on. */
  close(): void {
    this.#isOpen = false;
  }

  /** Somebody has got the answer, or does not wait for it any more. */
  settle(id: number): void {
    const outgoing = this.#byId.get(id);
    if (outgoing === undefined) return;
    this.#byId.delete(id);
    this.#queue.delete(outgoing);
    this.#pump();
  }

  clear(): void {
    this.#queue.clear();
    this.#byId.clear();
  }

  get #canWrite(): boolean {
    return this.#isOpen && this.#events.isWritable();
  }

  #pump(): void {
    if (!this.#canWrite) return;
    let unanswered = 0;
    for (const outgoing of this.#queue) {
      if (outgoing.isRepeated && ++unanswered > WINDOW) return;
      if (outgoing.isSent) continue;
      outgoing.isSent = true;
      if (outgoing.isRepeated) this.#events.write(outgoing.frame);
      else {
        this.#queue.delete(outgoing);
        this.#write(outgoing.message, outgoing.frame);
      }
    }
  }

  #write(message: WireMessage, frame: string | Uint8Array): void {
    this.#events.write(frame);
    if (message.id !== undefined) this.#byId.delete(message.id);
    this.#events.onSent(message);
  }
}

function serialize(message: WireMessage): string | Uint8Array {
  const { data } = message;
  return data instanceof Uint8Array
    ? serializeBinaryMessage({ ...message, data })
    : serializeMessage(message);
}
