import { Readable } from 'node:stream';

/** What is read ahead: bytes that come one by one cost a hundred times as much until they are read. */
const HIGH_WATER_MARK_BYTES = 16_384;

/** What a stream tells its connection. */
export interface MessageStreamEvents {
  /** There is room for more. */
  onWanted(): void;
  /** It was read to its end, or is not wanted any more. */
  onClosed(): void;
}

/**
 * A message, as it comes. What is not read is not taken from the peer. `destroy()` discards the rest of it; when the
 * connection ends in the middle, it is destroyed, with an error where anybody listens to 'error'.
 */
export class MessageStream extends Readable {
  /** Whether the message is binary; what is not is UTF-8, and was checked. */
  readonly isBinary: boolean;
  readonly #events: MessageStreamEvents;

  /** @internal */
  constructor(isBinary: boolean, events: MessageStreamEvents) {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    this.isBinary = isBinary;
    this.#events = events;
  }

  override _read(): void {
    this.#events.onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#events.onClosed();
    // The peer decides over it: nobody listening is no reason to end the process.
    callback(this.listenerCount('error') > 0 ? error : null);
  }
}
