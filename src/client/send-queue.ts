/** What becomes of a message that finds the queue full: `reject` throws, the others let go of messages. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest';

export interface QueueLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly overflow: Overflow;
}

export interface Queued {
  readonly bytes: number;
  /** Whether somebody waits for what becomes of it: it is never dropped, but refused. */
  readonly isAwaited: boolean;
}

/** What waits for a connection, in order, and within bounds. */
export class SendQueue<Item extends Queued> {
  readonly #limits: QueueLimits;
  readonly #items = new Set<Item>();
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#items.size;
  }

  /**
   * Adds a message at the end.
   *
   * @returns Those that were dropped, which may be the message itself.
   * @throws {DOMException} QuotaExceededError: there is no room, and nothing may be dropped.
   */
  add(item: Item): Item[] {
    const { overflow } = this.#limits;
    const dropped = overflow === 'drop-oldest' ? this.#droppedFor(item) : [];
    for (const oldest of dropped) this.delete(oldest);
    if (this.#fits(item)) {
      this.#items.add(item);
      this.#bytes += item.bytes;
      return dropped;
    }
    if (overflow === 'reject' || item.isAwaited) {
      throw new DOMException('Too much waits for the connection', 'QuotaExceededError');
    }
    return [item];
  }

  /** Takes a message out. */
  delete(item: Item): void {
    if (this.#items.delete(item)) this.#bytes -= item.bytes;
  }

  clear(): void {
    this.#items.clear();
    this.#bytes = 0;
  }

  /** The oldest first; those that are taken out meanwhile are passed over. */
  [Symbol.iterator](): Iterator<Item> {
    return this.#items.values();
  }

  /** Returns the oldest messages that have to go for another one; none where all that may go are not enough. */
  #droppedFor(item: Item): Item[] {
    const dropped: Item[] = [];
    let bytes = 0;
    for (const oldest of this.#items) {
      if (this.#fits(item, dropped.length, bytes)) return dropped;
      if (oldest.isAwaited) continue;
      dropped.push(oldest);
      bytes += oldest.bytes;
    }
    return this.#fits(item, dropped.length, bytes) ? dropped : [];
  }

  /** Tells whether a message has room once so many of so many bytes are gone. */
  #fits({ bytes }: Item, goneMessages = 0, goneBytes = 0): boolean {
    const { maxMessages, maxBytes } = this.#limits;
    return this.#items.size - goneMessages < maxMessages && this.#bytes - goneBytes + bytes <= maxBytes;
  }
}
