import type { HistoryLimits } from '../hub/adapter.ts';
import { isOffset, LAST, type Offset } from '../wire/index.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { APPEND, MARK_EMPTIED, PUBLISH, READ_AFTER, READ_EMPTIED, READ_HEAD } from './redis-script.ts';

/** The text of what stands for messages that were lost. */
export const LOST = '';

/** In the place of a number: what comes behind all that the node has sent, once. */
const BEHIND_ALL = '-';

/** In the place of a place, where what is published is in no log. */
const NO_PLACE = '-';

/** A message as it is in a room's log. */
export interface Logged {
  readonly offset: Offset;
  /** The place of the one before it: where that is unknown, messages are missing. */
  readonly previous: Offset;
  /** The node that put it there. */
  readonly node: string;
  /** The message, or {@link LOST}. */
  readonly text: string;
}

/** A message on its way into a log. */
export interface Numbered {
  /** Larger than that of any message that the node sent before. */
  readonly number: number;
  readonly text: string;
}

export interface LogEnd {
  /** The place behind the newest message. */
  readonly head: Offset;
  readonly entries: readonly Logged[];
  /** Whether nothing is missing between the place that was asked for and the first entry. */
  readonly complete: boolean;
}

/** The logs of rooms, as Redis Streams, and what is published beside them. */
export class StreamLog {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #nodeId: string;
  readonly #history: HistoryLimits;

  constructor(link: RedisLink, keys: RedisKeys, nodeId: string, history: HistoryLimits) {
    this.#link = link;
    this.#keys = keys;
    this.#nodeId = nodeId;
    this.#history = history;
  }

  /** How long the keys of a room live that nobody uses, in milliseconds: longer than any client may be away. */
  get lifeMs(): number {
    return this.#history.ageMs * 3 + 60_000;
  }

  /** Puts messages into a room's log, each once. `known`: a place that is taken. */
  async append(room: string, messages: readonly Numbered[], known: Offset): Promise<void> {
    const fields = messages.flatMap(({ number, text }) => [String(number), text]);
    await this.#append(room, this.#nodeId, fields, known);
  }

  /** Leaves a mark behind all that a node has put into a room's log, unless there is one: more of its messages may be lost. */
  async markLost(room: string, nodeId: string, known: Offset): Promise<void> {
    await this.#append(room, nodeId, [BEHIND_ALL, LOST], known);
  }

  async #append(room: string, nodeId: string, fields: readonly string[], known: Offset): Promise<void> {
    const { log, head, channel } = this.#keys.room(room);
    const { count, ageMs } = this.#history;
    await this.#link.run(
      APPEND,
      [log, head, this.#keys.seen(room, nodeId)],
      [
        chance(),
        this.#link.publish,
        channel,
        nodeId,
        ...[count, ageMs, this.lifeMs].map(String),
        known,
        ...fields,
      ],
    );
  }

  /** Sends a message that no log keeps. */
  async publish(room: string, text: string): Promise<void> {
    const { head, channel } = this.#keys.room(room);
    await this.#link.run(
      PUBLISH,
      [head],
      [this.#link.publish, channel, `${NO_PLACE} ${NO_PLACE} ${this.#nodeId}\n${text}`],
    );
  }

  async head(room: string): Promise<Offset> {
    const { log, head } = this.#keys.room(room);
    return (await this.#link.run(READ_HEAD, [log, head], [chance(), String(this.lifeMs)])) as Offset;
  }

  /** Keeps that the room was emptied, for longer than any client may be away. */
  async markEmptied(room: string): Promise<void> {
    const { log, head, emptied } = this.#keys.room(room);
    await this.#link.run(MARK_EMPTIED, [log, head, emptied], [chance(), String(this.lifeMs)]);
  }

  /** The place behind which the room was emptied for the last time, if it was. */
  async emptiedAt(room: string): Promise<Offset | undefined> {
    const found = await this.#link.run(READ_EMPTIED, [this.#keys.room(room).emptied], []);
    return (found as Offset | null) ?? undefined;
  }

  async after(room: string, offset: Offset): Promise<LogEnd> {
    // What is behind it Redis takes for a fault to ask for.
    if (offset === LAST) return { head: await this.head(room), entries: [], complete: false };
    const keys = this.#keys.room(room);
    const [head, ...fields] = (await this.#link.run(
      READ_AFTER,
      [keys.log, keys.head],
      [chance(), String(this.lifeMs), offset],
    )) as [Offset, ...string[]];
    const entries: Logged[] = [];
    for (let i = 0; i < fields.length; i += 4) {
      const [offset, previous, node, text] = fields.slice(i, i + 4) as [string, string, string, string];
      entries.push({ offset, previous, node, text });
    }
    return { head, entries, complete: (entries[0]?.previous ?? head) === offset };
  }
}

/** A message that no log keeps. */
export interface Unlogged {
  readonly offset: undefined;
  readonly node: string;
  readonly text: string;
}

/** Reads what is published in a room; `undefined` for what is not from a node. */
export function readPublished(message: string): Logged | Unlogged | undefined {
  const line = message.indexOf('\n');
  const text = message.slice(line + 1);
  const [offset, previous, node] = message.slice(0, line).split(' ');
  if (node === undefined) return undefined;
  if (offset === NO_PLACE) return { offset: undefined, node, text };
  return isOffset(offset) && isOffset(previous) ? { offset, previous, node, text } : undefined;
}

function chance(): string {
  return String(Math.floor(Math.random() * 2 ** 32));
}
