import type { RoomEntry, RoomMessage } from '../hub/adapter.ts';
import { readRoomMessage } from '../hub/room-message-text.ts';
import { compareOffsets, type Offset, START } from '../wire/index.ts';
import { LOST, type LogEnd, type Logged } from './stream-log.ts';

/** So many messages wait while others are fetched; more of them are fetched then, too. */
const MAX_HELD = 1_000;

export interface CursorHost {
  readonly nodeId: string;
  head(room: string): Promise<Offset>;
  after(room: string, offset: Offset): Promise<LogEnd>;
  deliver(entry: RoomEntry): void;
  gap(room: string): void;
}

/**
 * How far one room has been delivered on this node. Messages come in the order of the log, each with the place of the one
 * before it: where that is not the last one that was delivered, what is between them is fetched from the log.
 *
 * While the log is out of reach this node's own messages are delivered without it, and not again once they are in it.
 */
export class RoomCursor {
  readonly room: string;
  readonly #host: CursorHost;
  readonly #maxEarly: number;
  #state: 'away' | 'fetching' | 'live' | 'closed' = 'away';
  #last: Offset | undefined;
  /** Whether messages may have gone by before the log could be read for the first time. */
  #isLate: boolean;
  /** Own messages that are to come back from the log, by their ids. */
  readonly #expected = new Map<string, RoomMessage>();
  /** Ids of own messages that were delivered and are still to come from the log. */
  readonly #early = new Set<string>();
  #held: Logged[] = [];
  #fetching: Promise<void> | undefined;

  /**
   * @param isLate - Whether the log is out of reach while sockets are in the room already.
   * @param maxEarly - How many messages can be delivered before they are in the log and be told from others then.
   */
  constructor(room: string, host: CursorHost, isLate: boolean, maxEarly: number) {
    this.room = room;
    this.#host = host;
    this.#isLate = isLate;
    this.#maxEarly = maxEarly;
  }

  /** The place behind the last message that was delivered. */
  get position(): Offset {
    return this.#last ?? START;
  }

  /** Takes note of an own message that is on its way into the log; without one it is delivered. */
  expect(message: RoomMessage): void {
    this.#expected.set(message.mid, message);
    if (this.#state === 'away') this.#deliverExpected();
  }

  /** Delivers an own message that will never be in the log. */
  deliverWithoutLog(message: RoomMessage): void {
    this.#deliverExpected();
    this.#host.deliver({ ...message, offset: undefined });
  }

  /** Takes what was published. */
  receive(entry: Logged): void {
    if (this.#state === 'live') this.#take(entry);
    else if (this.#state === 'fetching' && this.#held.length < MAX_HELD) this.#held.push(entry);
  }

  /** Delivers all that is in the log by now. Settles also when the log gets out of reach meanwhile. */
  async catchUp(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  /** Delivers all up to a place that the log is known to have, as far as it can be read. */
  async reach(offset: Offset): Promise<void> {
    // What is being fetched may have been asked for before the log had it.
    for (let tries = 0; tries < 2 && compareOffsets(this.position, offset) < 0; tries++) await this.catchUp();
  }

  /** The log is out of reach. */
  goAway(): void {
    if (this.#state === 'closed') return;
    this.#state = 'away';
    this.#held = [];
    this.#isLate ||= this.#last === undefined;
    this.#deliverExpected();
  }

  close(): void {
    this.#state = 'closed';
    this.#held = [];
  }

  async #fetch(): Promise<void> {
    this.#state = 'fetching';
    try {
      do await this.#fetchOnce();
      while (this.#state === 'fetching' && !this.#release());
    } catch {
      this.goAway();
    }
  }

  async #fetchOnce(): Promise<void> {
    if (this.#last === undefined) {
      const head = await this.#host.head(this.room);
      if (this.#state !== 'fetching') return;
      if (this.#isLate) this.#host.gap(this.room);
      this.#last = head;
      return;
    }
    const { head, entries, complete } = await this.#host.after(this.room, this.#last);
    if (this.#state !== 'fetching') return;
    if (!complete) {
      this.#host.gap(this.room);
      // They may be among what is lost.
      this.#deliverExpected();
    }
    for (const entry of entries) this.#deliver(entry);
    this.#last = head;
  }

  /** Delivers what came meanwhile; returns whether that goes on where the fetched ended. */
  #release(): boolean {
    const held = this.#held;
    this.#held = [];
    this.#state = 'live';
    for (const [index, entry] of held.entries()) {
      if (this.#isNext(entry)) this.#deliver(entry);
      else if (this.#isAhead(entry)) {
        this.#state = 'fetching';
        this.#held = held.slice(index);
        return false;
      }
    }
    return true;
  }

  #take(entry: Logged): void {
    if (this.#isNext(entry)) this.#deliver(entry);
    else if (this.#isAhead(entry)) {
      this.#held.push(entry);
      void this.catchUp();
    }
  }

  #isNext({ previous }: Logged): boolean {
    return previous === this.#last;
  }

  #isAhead({ offset }: Logged): boolean {
    return compareOffsets(offset, this.#last!) > 0;
  }

  #deliver({ offset, node, text }: Logged): void {
    this.#last = offset;
    const isOwn = node === this.#host.nodeId;
    // Its own sockets have got what is lost for those of others.
    if (isOwn && text === LOST) return;
    const message = text === LOST ? undefined : readRoomMessage(this.room, text);
    if (message === undefined) this.#host.gap(this.room);
    else if (!isOwn || !this.#early.delete(message.mid)) {
      this.#expected.delete(message.mid);
      this.#host.deliver({ ...message, offset });
    }
  }

  #deliverExpected(): void {
    for (const message of this.#expected.values()) {
      this.#early.add(message.mid);
      this.#host.deliver({ ...message, offset: undefined });
    }
    this.#expected.clear();
    for (const mid of this.#early) {
      if (this.#early.size <= this.#maxEarly) return;
      this.#early.delete(mid);
    }
  }
}
