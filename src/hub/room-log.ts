import { compareOffsets, type Offset, START } from '../wire/index.ts';
import {
  EMPTIED,
  type HistoryLimits,
  type RoomEntry,
  type RoomHistory,
  type RoomMessage,
} from './adapter.ts';

interface Kept {
  readonly entry: RoomEntry & { readonly offset: Offset };
  readonly at: number;
  readonly bytes: number;
}

/** What a message is counted with for itself. */
const ENTRY_BYTES = 256;

/** The newest messages of a room, within one process. */
export class RoomLog {
  readonly #limits: HistoryLimits;
  readonly #now: () => number;
  #kept: Kept[] = [];
  /** Where in `#kept` the oldest is that still counts; those before it are let go of some at a time. */
  #first = 0;
  /** Of the messages that count. */
  #bytes = 0;
  /** The place behind the newest message that was dropped: what comes before it is unknown. */
  #droppedTo: Offset;
  #head: Offset;
  #emptiedAt: Offset | undefined;

  /**
   * @param start - Where the log begins: offsets before it are of another time.
   * @param now - A clock in milliseconds.
   */
  constructor(limits: HistoryLimits, start: Offset = START, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
    this.#droppedTo = start;
    this.#head = start;
  }

  /** The place behind the newest message. */
  get head(): Offset {
    return this.#head;
  }

  /** Where the room was emptied for the last time, however long ago. */
  get emptiedAt(): Offset | undefined {
    return this.#emptiedAt;
  }

  /** Adds a message and returns it with its place. */
  append(message: RoomMessage): RoomEntry {
    const at = this.#now();
    const offset = next(this.#head, at);
    const entry = { ...message, offset };
    const bytes = ENTRY_BYTES + Buffer.byteLength(message.body ?? '');
    this.#head = offset;
    if (message.type === EMPTIED) this.#emptiedAt = offset;
    this.#bytes += bytes;
    this.#kept.push({ entry, at, bytes });
    this.#trim();
    return entry;
  }

  /** Returns what came after `offset`. */
  after(offset: Offset): RoomHistory {
    this.#trim();
    const complete = compareOffsets(offset, this.#droppedTo) >= 0 && compareOffsets(offset, this.#head) <= 0;
    const entries = this.#kept
      .slice(this.#first)
      .map(({ entry }) => entry)
      .filter((entry) => compareOffsets(entry.offset, offset) > 0);
    return { entries, complete };
  }

  #trim(): void {
    const from = this.#first;
    while (this.#first < this.#kept.length && this.#isOver(this.#kept[this.#first]!)) {
      this.#bytes -= this.#kept[this.#first]!.bytes;
      this.#first++;
    }
    if (this.#first === from) return;
    this.#droppedTo = this.#kept[this.#first - 1]!.entry.offset;
    // Half at a time, so that each message is moved once at most.
    if (this.#first * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }

  /** Whether the oldest message that counts is too old, or one too many. */
  #isOver(oldest: Kept): boolean {
    const { count, ageMs, bytes = Number.POSITIVE_INFINITY } = this.#limits;
    return this.#kept.length - this.#first > count || this.#bytes > bytes || oldest.at < this.#now() - ageMs;
  }
}

/** The next place: the time, or the one behind `head` where the clock has not gone on. */
function next(head: Offset, now: number): Offset {
  const [time, sequence] = head.split('-').map(Number) as [number, number];
  return now > time ? `${now}-0` : `${time}-${sequence + 1}`;
}
