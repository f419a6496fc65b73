import { HubError } from '../wire/index.ts';
import type { Backlog } from './backlog.ts';
import { LOST, type Numbered } from './stream-log.ts';

/** So much goes to the log at a time. */
const MAX_BATCH = 100;
const MAX_BATCH_BYTES = 1024 * 1024;

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
  /** What it takes up in the backlog, in which marks are not. */
  readonly bytes: number;
  readonly at: number;
  /** Tells the sender that it is in the log, or why it will never be. */
  settle(error?: HubError): void;
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
  /** Those who want to know when messages up to a number are in the log. */
  #watchers: Array<{ readonly number: number; tell(): void }> = [];

  /** @param isOpen - Whether the log is in reach. */
  constructor(room: string, host: WriterHost, isOpen: boolean) {
    this.#room = room;
    this.#host = host;
    this.#isOpen = isOpen;
  }

  /** Settles when all that waits by now is in the log, or the log is out of reach. */
  async whenWritten(): Promise<void> {
    const last = this.#waiting.at(-1);
    if (!this.#isOpen || last === undefined) return;
    await new Promise<void>((resolve) => this.#watchers.push({ number: last.number, tell: resolve }));
  }

  /**
   * Adds a message.
   *
   * @returns Settles when it is in the log; rejects with a {@link HubError} UNAVAILABLE when it will never be. `undefined`
   *   when there is no place for it.
   */
  add(text: string): Promise<void> | undefined {
    const bytes = Buffer.byteLength(text);
    if (!this.#host.backlog.take(bytes)) {
      this.#addLost();
      this.#host.onLoss(this.#room, 1);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#push(text, bytes, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** The log is in reach. */
  open(): void {
    this.#isOpen = true;
    this.#dropOld();
    if (this.#waiting.length > 0) this.#writeOn();
  }

  /** It is not: what waits goes on waiting. */
  goAway(): void {
    this.#isOpen = false;
    this.#underway = 0;
    this.#tellWritten(Number.POSITIVE_INFINITY);
  }

  /** Gives up what waits; returns how many messages that are. */
  abandon(): number {
    const messages = this.#waiting.filter(({ text }) => text !== LOST);
    this.goAway();
    this.#waiting = [];
    this.#giveUp(messages, 'The node left before Redis was back');
    return messages.length;
  }

  #push(text: string, bytes: number, settle: Waiting['settle']): void {
    this.#waiting.push({ number: this.#host.nextNumber(), text, bytes, at: Date.now(), settle });
    if (this.#isOpen) this.#writeOn();
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
    let total = 0;
    const end = this.#waiting.findIndex(({ bytes }, index) => {
      total += bytes;
      return index === MAX_BATCH || (index > 0 && total > MAX_BATCH_BYTES);
    });
    return this.#waiting.slice(0, end === -1 ? undefined : end);
  }

  #onWritten(batch: readonly Waiting[]): void {
    // An answer from before the log got out of reach says nothing: the batch is sent again, and is known by its numbers.
    if (this.#underway === 0) return;
    this.#waiting.splice(0, batch.length);
    this.#underway = 0;
    for (const { text, bytes, settle } of batch) {
      if (text !== LOST) this.#host.backlog.give(bytes);
      settle();
    }
    this.#tellWritten(batch.at(-1)!.number);
    if (this.#waiting.length > 0) this.#writeOn();
    else this.#host.onIdle(this.#room);
  }

  #tellWritten(number: number): void {
    const told = this.#watchers.filter((watcher) => watcher.number <= number);
    this.#watchers = this.#watchers.filter((watcher) => watcher.number > number);
    for (const { tell } of told) tell();
  }

  /** Leaves a mark in the log where messages are missing; one mark is enough for many in a row. */
  #addLost(): void {
    const isMarked = this.#waiting.length > this.#underway && this.#waiting.at(-1)?.text === LOST;
    if (!isMarked) this.#push(LOST, 0, () => {});
  }

  #dropOld(): void {
    const oldest = Date.now() - this.#host.maxAgeMs;
    const isOld = ({ text, at }: Waiting): boolean => text !== LOST && at < oldest;
    const old = this.#waiting.filter(isOld);
    if (old.length === 0) return;
    this.#giveUp(old, 'Redis was away for longer than the history lasts');
    this.#waiting = this.#waiting.filter((waiting) => !isOld(waiting));
    this.#host.onLoss(this.#room, old.length);
    // They were the first; of some it may not be known whether they got there.
    this.#waiting.unshift({ ...old.at(-1)!, text: LOST, bytes: 0, settle: () => {} });
  }

  #giveUp(messages: readonly Waiting[], why: string): void {
    for (const { bytes, settle } of messages) {
      this.#host.backlog.give(bytes);
      settle(new HubError('UNAVAILABLE', why));
    }
  }
}
