import type { EventEmitter } from 'node:events';
import { OPEN, type ReadyState } from './ready-state.ts';

/** A message as it is told. */
type HeldMessage = [data: Buffer, isBinary: boolean, fragmentEnds: readonly number[] | undefined];

export interface EarlyMessageLimits {
  /** How long they are held, in milliseconds. */
  readonly timeoutMs: number;
  /** How many bytes are held, with the cost of each message; the one that goes beyond is the last. */
  readonly maxBytes: number;
}

/** The WebSocket that messages came for. */
export interface EarlyTarget extends EventEmitter {
  readonly isPaused: boolean;
  readonly readyState: ReadyState;
}

/** What stops reading from its connection. */
export interface EarlySource {
  hold(): void;
  readOn(): void;
}

export interface EarlyMessageEvents {
  /** Tells a message to the listeners. */
  emit(...message: HeldMessage): void;
  /** Messages are to be told as they come from now on. */
  onOver(): void;
}

/** About what a message that is held costs beside its payload. */
export const HELD_MESSAGE_COST_BYTES = 256;

/**
 * Holds the messages that come before anybody listens to 'message', and tells them, in order, to whoever does first.
 * When too many come, reading stops; when nobody listens in time they are dropped, as all later ones that nobody hears.
 */
export class EarlyMessages {
  readonly #target: EarlyTarget;
  readonly #source: EarlySource;
  readonly #events: EarlyMessageEvents;
  readonly #limits: EarlyMessageLimits;
  #timer: NodeJS.Timeout | undefined;
  readonly #messages: HeldMessage[] = [];
  #bytes = 0;
  /** Whether {@link tell} was called whose turn has not come. */
  #telling = false;
  /** `full`: too many came, and nothing more is read; `closing`: it has to be, but nothing more is held. */
  #state: 'open' | 'full' | 'closing' | 'closed';

  /** @param target - Where the listeners come. */
  constructor(
    target: EarlyTarget,
    source: EarlySource,
    limits: EarlyMessageLimits,
    events: EarlyMessageEvents,
  ) {
    this.#target = target;
    this.#source = source;
    this.#events = events;
    this.#state = target.readyState === OPEN ? 'open' : 'closing';
    this.#limits = limits;
    this.#startTimer();
    target.on('newListener', this.#onNewListener);
  }

  /** Takes a message that came behind those that are held. */
  add(...message: HeldMessage): void {
    const isFull = this.#bytes > this.#limits.maxBytes;
    if (isFull && this.#state === 'closing') return;
    this.#messages.push(message);
    this.#bytes += message[0].length + HELD_MESSAGE_COST_BYTES;
    if (this.#bytes <= this.#limits.maxBytes || this.#state !== 'open') return;
    this.#state = 'full';
    this.#source.hold();
  }

  /** Tells what is held, soon, to listeners that are there then, unless the WebSocket is paused. */
  tell(): void {
    // Whoever listens may be slow, and loses nothing by it.
    clearTimeout(this.#timer);
    if (this.#telling) return;
    this.#telling = true;
    process.nextTick(() => {
      this.#telling = false;
      this.#tellAll();
    });
  }

  /** The connection is closing: the peer's Close frame and the end of the stream have to be read. */
  onClosing(): void {
    const wasFull = this.#state === 'full';
    if (this.#state !== 'closed') this.#state = 'closing';
    if (wasFull) this.#source.readOn();
  }

  /** The connection is closed: who is paused gets the rest now, before 'close'. */
  onClosed(): void {
    this.#state = 'closed';
    if (this.#isHeard) this.#tellAll();
  }

  readonly #onNewListener = (name: string | symbol): void => {
    if (name === 'message') this.tell();
  };

  get #isHeard(): boolean {
    return this.#target.listenerCount('message') > 0;
  }

  #tellAll(): void {
    while (this.#messages.length > 0) {
      if (this.#state !== 'closed' && this.#target.isPaused) return;
      // It was a listener for one message: the next one may be on its way.
      if (!this.#isHeard) return this.#startTimer();
      const message = this.#messages.shift()!;
      this.#bytes -= message[0].length + HELD_MESSAGE_COST_BYTES;
      this.#events.emit(...message);
    }
    this.#end();
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => this.#end(), this.#limits.timeoutMs).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#messages.length = 0;
    this.#target.off('newListener', this.#onNewListener);
    this.#events.onOver();
    if (this.#state === 'full') this.#source.readOn();
  }
}
