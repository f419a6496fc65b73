import type { Backlog } from './backlog.ts';
import { LOST, type Numbered } from './stream-log.ts';

/** So much goes to the log at a time. */
const MAX_BATCH = 100;
const MAX_BATCH_LENGTH = 1024 * 1024;

export interface WriterHost {
  readonly backlog: Backlog;
  /** Messages that have waited longer, in milliseconds, are of no use to anybody. */
  readonly maxAgeMs: number;
  nextNumber(): number;
  /** Puts messages into the room's log. Rejects when it is not known whether they got there. */
  write(room: string, messages: readonly Numbered[]): Promise<void>;
  /** Messages of a room will not get into its log. */
  onLoss(room: string, messages: number): void;
  /** Nothing waits any more. */
  onIdle(room: string): void;
}

interface Waiting extends Numbered {
  readonly at: number;
  settle(): void;
}

/**
 * Puts this node's messages into a room's log, in their order: one batch at a time, and again when it is not known whether
 * it got there, as the numbers tell what has.
 */
export class RoomWriter {
  readonly #room: string;
  readonly #host: WriterHost;
  #waiting: Waiting[] = [];
  /** How many of those are on their way. */
  #underway = 0;
  #isOpen: boolean;
  #waitingForIdle: Array<() => void> = [];

  /** @param isOpen - Whether the log is in reach. */
  constructor(room: string, host: WriterHost, isOpen: boolean) {
    this.#room = room;
    this.#host = host;
    this.#isOpen = isOpen;
  }

  /** Settles when nothing waits any more, or the log is out of reach. */
  async whenIdle(): Promise<void> {
    if (this.#isOpen && this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#waitingForIdle.push(resolve));
    }
  }

  /**
   * Adds a message.
   *
   * @returns Settles when it is in the log, or has to wait for the log to be in reach; `undefined` when there is no place
   *   for it.
   */
  add(text: string): Promise<void> | undefined {
    if (!this.#host.backlog.take(text.length)) {
      this.#addLost();
      this.#host.onLoss(this.#room, 1);
      return undefined;
    }
    return this.#push(text);
  }

  /** The log is in reach. */
  open(): void {
    this.#isOpen = true;
    this.#dropOld();
    if (this.#waiting.length > 0) this.#writeOn();
  }

  /** It is not: what waits goes on waiting, but nobody waits for it. */
  goAway(): void {
    this.#isOpen = false;
    this.#underway = 0;
    for (const { settle } of this.#waiting) settle();
    this.#tellIdle();
  }

  /** Gives up what waits; returns how many messages that are. */
  abandon(): number {
    const messages = this.#waiting.filter(({ text }) => text !== LOST);
    this.goAway();
    this.#waiting = [];
    for (const { text } of messages) this.#host.backlog.give(text.length);
    return messages.length;
  }

  #push(text: string): Promise<void> {
    return new Promise((settle) => {
      this.#waiting.push({ number: this.#host.nextNumber(), text, at: Date.now(), settle });
      if (this.#isOpen) this.#writeOn();
      else settle();
    });
  }

  #writeOn(): void {
    if (this.#underway > 0) return;
    const batch = this.#nextBatch();
    this.#underway = batch.length;
    this.#host.write(this.#room, batch).then(
      () => this.#onWritten(batch),
      // The link is down, and comes back.
      () => {},
    );
  }

  #nextBatch(): Waiting[] {
    let length = 0;
    const end = this.#waiting.findIndex(({ text }, index) => {
      length += text.length;
      return index === MAX_BATCH || (index > 0 && length > MAX_BATCH_LENGTH);
    });
    return this.#waiting.slice(0, end === -1 ? undefined : end);
  }

  #onWritten(batch: readonly Waiting[]): void {
    // An answer from before the log got out of reach says nothing: the batch is sent again, and is known by its numbers.
    if (this.#underway === 0) return;
    this.#waiting.splice(0, batch.length);
    this.#underway = 0;
    for (const { text, settle } of batch) {
      if (text !== LOST) this.#host.backlog.give(text.length);
      settle();
    }
    if (this.#waiting.length > 0) return this.#writeOn();
    this.#host.onIdle(this.#room);
    this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#waitingForIdle) resolve();
    this.#waitingForIdle = [];
  }

  /** Leaves a mark in the log where messages are missing; one mark is enough for many in a row. */
  #addLost(): void {
    const isMarked = this.#waiting.length > this.#underway && this.#waiting.at(-1)?.text === LOST;
    if (!isMarked) void this.#push(LOST);
  }

  #dropOld(): void {
    const oldest = Date.now() - this.#host.maxAgeMs;
    const isOld = ({ text, at }: Waiting): boolean => text !== LOST && at < oldest;
    const old = this.#waiting.filter(isOld);
    if (old.length === 0) return;
    for (const { text } of old) this.#host.backlog.give(text.length);
    this.#waiting = this.#waiting.filter((waiting) => !isOld(waiting));
    this.#host.onLoss(this.#room, old.length);
    // They were the first; of some it may not be known whether they got there.
    this.#waiting.unshift({ ...old.at(-1)!, text: LOST });
  }
}
