import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoomEntry, RoomMessage } from '../../src/hub/adapter.ts';
import { writeRoomMessage } from '../../src/hub/room-message-text.ts';
import { RoomCursor } from '../../src/redis/room-cursor.ts';
import { LOST, type Logged } from '../../src/redis/stream-log.ts';

const OWN = 'own';

function messageOf(mid: string): RoomMessage {
  return { room: 'room', mid, type: 'said', body: undefined, except: [], volatile: false };
}

/** A log beside the cursor, which can be out of reach. */
class Log {
  entries: Logged[] = [];
  /** The place before the first entry that is kept. */
  start = '1-0';
  isAway = false;

  get head(): string {
    return this.entries.at(-1)?.offset ?? this.start;
  }

  /** Adds a message, which is published or not. */
  add(mid: string, node = 'other'): Logged {
    const [ms] = this.head.split('-').map(Number) as [number];
    const entry = {
      offset: `${ms + 1}-0`,
      previous: this.head,
      node,
      text: mid === LOST ? LOST : writeRoomMessage(messageOf(mid)),
    };
    this.entries.push(entry);
    return entry;
  }

  /** Loses the oldest. */
  trim(count: number): void {
    for (const { offset } of this.entries.splice(0, count)) this.start = offset;
  }

  after(offset: string) {
    const index = this.entries.findIndex(({ previous }) => previous === offset);
    const entries =
      index === -1 ? (offset === this.head ? [] : [...this.entries]) : this.entries.slice(index);
    return { head: this.head, entries, complete: (entries[0]?.previous ?? this.head) === offset };
  }
}

function setUp({ isLate = false, maxEarly = 100 } = {}) {
  const log = new Log();
  const told: string[] = [];
  const answer = async <Result>(work: () => Result): Promise<Result> => {
    await Promise.resolve();
    if (log.isAway) throw new Error('away');
    return work();
  };
  const cursor = new RoomCursor(
    'room',
    {
      nodeId: OWN,
      head: () => answer(() => log.head),
      after: (_room, offset) => answer(() => log.after(offset)),
      deliver: ({ mid, offset }: RoomEntry) => told.push(offset === undefined ? `${mid} early` : mid),
      gap: () => told.push('gap'),
    },
    isLate,
    maxEarly,
  );
  return { cursor, log, told };
}

describe('what is published', () => {
  it('is delivered in order', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    for (const mid of ['a', 'b']) cursor.receive(log.add(mid));
    expect(told).toEqual(['a', 'b']);
    expect(cursor.position).toBe(log.head);
  });

  it('is delivered once', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    const entries = ['a', 'b'].map((mid) => log.add(mid));
    for (const entry of [...entries, ...entries]) cursor.receive(entry);
    expect(told).toEqual(['a', 'b']);
  });

  it('is fetched where it is missing', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    for (const mid of ['a', 'b', 'c']) log.add(mid);
    cursor.receive(log.entries[2]!);
    cursor.receive(log.add('d'));
    await cursor.catchUp();
    expect(told).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is a gap where it cannot be fetched any more', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    for (const mid of ['a', 'b', 'c']) log.add(mid);
    log.trim(2);
    cursor.receive(log.entries[0]!);
    await cursor.catchUp();
    expect(told).toEqual(['gap', 'c']);
  });

  it('is a gap where others have lost something, and where it cannot be read', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    cursor.receive(log.add(LOST));
    cursor.receive({ ...log.add('a'), text: '?' });
    cursor.receive(log.add('b'));
    cursor.receive(log.add(LOST, OWN));
    expect(told).toEqual(['gap', 'gap', 'b']);
  });

  it('is nothing to a room that was left', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    cursor.close();
    cursor.receive(log.add('a'));
    await cursor.catchUp();
    cursor.goAway();
    expect(told).toEqual([]);
  });
});

describe('own messages', () => {
  it('come from the log', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    cursor.expect(messageOf('mine'));
    expect(told).toEqual([]);
    cursor.receive(log.add('mine', OWN));
    cursor.goAway();
    expect(told).toEqual(['mine']);
  });

  it('are delivered without the log when it is away, and not again', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    cursor.expect(messageOf('a'));
    cursor.goAway();
    cursor.expect(messageOf('b'));
    expect(told).toEqual(['a early', 'b early']);
    log.add('a', OWN);
    log.add('x');
    log.add('b', OWN);
    await cursor.catchUp();
    expect(told).toEqual(['a early', 'b early', 'x']);
  });

  it('are told from those of others by their node', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    cursor.goAway();
    cursor.expect(messageOf('a'));
    log.add('a', 'other');
    await cursor.catchUp();
    expect(told).toEqual(['a early', 'a']);
  });

  it('are delivered though the log has lost them', async () => {
    const { cursor, log, told } = setUp();
    await cursor.catchUp();
    log.add('mine', OWN);
    cursor.expect(messageOf('mine'));
    log.add('x');
    log.trim(1);
    await cursor.catchUp();
    expect(told).toEqual(['gap', 'mine early', 'x']);
  });

  it('that are in no log come behind those that are not yet', async () => {
    const { cursor, told } = setUp();
    await cursor.catchUp();
    cursor.expect(messageOf('a'));
    cursor.deliverWithoutLog(messageOf('b'));
    expect(told).toEqual(['a early', 'b early']);
  });

  it('are remembered up to a number', async () => {
    const { cursor, log, told } = setUp({ maxEarly: 1 });
    await cursor.catchUp();
    cursor.goAway();
    for (const mid of ['a', 'b']) cursor.expect(messageOf(mid));
    for (const mid of ['a', 'b']) log.add(mid, OWN);
    await cursor.catchUp();
    expect(told).toEqual(['a early', 'b early', 'a']);
  });
});

describe('a log that is away at first', () => {
  it('is a gap for those who came meanwhile', async () => {
    const { cursor, log, told } = setUp({ isLate: true });
    expect(cursor.position).toBe('0-0');
    log.add('a');
    await cursor.catchUp();
    cursor.receive(log.add('b'));
    expect(told).toEqual(['gap', 'b']);
  });

  it('is one when it goes before it was read', async () => {
    const { cursor, log, told } = setUp();
    log.isAway = true;
    await cursor.catchUp();
    cursor.expect(messageOf('a'));
    log.isAway = false;
    await cursor.catchUp();
    expect(told).toEqual(['a early', 'gap']);
  });
});

it('reaches a place that the log has', async () => {
  const { cursor, log, told } = setUp();
  await cursor.catchUp();
  const fetching = cursor.catchUp();
  log.add('a');
  const { offset } = log.add('b');
  await cursor.reach(offset);
  await fetching;
  expect(told).toEqual(['a', 'b']);
  await cursor.reach('9-9');
});

it('delivers everything once, each node in its order, or tells of a gap: whatever gets lost', async () => {
  const step = fc.constantFrom('own', 'other', 'unheard', 'away', 'back', 'trim', 'turn');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { cursor, log, told } = setUp();
      await cursor.catchUp();
      const sent = { own: 0, other: 0 };
      /** Own messages that wait for the log. */
      const queued: string[] = [];
      for (const each of steps) {
        if (each === 'own') {
          const mid = `own${++sent.own}`;
          cursor.expect(messageOf(mid));
          if (log.isAway) queued.push(mid);
          else cursor.receive(log.add(mid, OWN));
        } else if (each === 'other' || each === 'unheard') {
          const entry = log.add(`other${++sent.other}`);
          if (each === 'other' && !log.isAway) cursor.receive(entry);
        } else if (each === 'away') {
          log.isAway = true;
          cursor.goAway();
        } else if (each === 'back' && log.isAway) {
          log.isAway = false;
          for (const mid of queued.splice(0)) log.add(mid, OWN);
          void cursor.catchUp();
        } else if (each === 'trim') log.trim(1);
        else await new Promise(setImmediate);
      }
      log.isAway = false;
      for (const mid of queued) log.add(mid, OWN);
      await new Promise(setImmediate);
      cursor.goAway();
      await cursor.catchUp();
      for (const from of ['own', 'other'] as const) expect(faultsOf(told, from)).toEqual([]);
      const own = told.filter((text) => text.startsWith('own'));
      expect(own).toHaveLength(sent.own);
      if (!told.includes('gap')) expect(told).toHaveLength(sent.own + sent.other);
    }),
    { numRuns: 300 },
  );
});

/** What is wrong with the order of one node's messages. */
function faultsOf(told: readonly string[], from: string): string[] {
  const faults: string[] = [];
  let [last, mayMiss] = [0, false];
  for (const text of told) {
    if (text === 'gap') mayMiss = true;
    if (!text.startsWith(from)) continue;
    const n = Number.parseInt(text.slice(from.length), 10);
    if (n <= last) faults.push(`${n} behind ${last}`);
    else if (n > last + 1 && !mayMiss) faults.push(`${n} and none after ${last}`);
    [last, mayMiss] = [n, false];
  }
  return faults;
}
