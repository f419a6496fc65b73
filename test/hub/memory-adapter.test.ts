import { describe, expect, it } from 'vitest';
import { EMPTIED, type RoomEntry, type RoomHistory, type SessionRecord } from '../../src/hub/adapter.ts';
import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { roomMessage } from './room-message.ts';

const ROOM = '/#r';
const RECORD: SessionRecord = { socketId: 's', identity: 'ann', rooms: { [ROOM]: '1-0' } };

function openAdapter() {
  const clock = { now: 1_000 };
  const delivered: RoomEntry[] = [];
  const adapter = memoryAdapter(() => clock.now);
  adapter.open({
    id: 'node',
    history: { count: 10, ageMs: 100 },
    deliver: (entry) => delivered.push(entry),
    gap: () => {},
    answer: () => undefined,
    report: () => {},
  });
  return { adapter, clock, delivered };
}

describe('rooms', () => {
  it('are delivered to at once, with a place, while somebody is in them', () => {
    const { adapter, delivered } = openAdapter();
    adapter.append(roomMessage('before'));
    adapter.subscribe(ROOM);
    expect(adapter.append(roomMessage('a'))).toBeUndefined();
    expect(delivered).toMatchObject([{ type: 'a', offset: adapter.head(ROOM) }]);
    adapter.unsubscribe(ROOM);
    adapter.append(roomMessage('b'));
    expect(delivered).toHaveLength(1);
  });

  it('are emptied also while nobody is in them', () => {
    const { adapter } = openAdapter();
    expect(adapter.emptiedAt(ROOM)).toBeUndefined();
    adapter.subscribe(ROOM);
    adapter.unsubscribe(ROOM);
    adapter.append(roomMessage(EMPTIED));
    expect(adapter.emptiedAt(ROOM)).toBe(adapter.head(ROOM));
  });

  it('keep nothing of what is volatile', () => {
    const { adapter, delivered } = openAdapter();
    adapter.subscribe(ROOM);
    const place = adapter.head(ROOM) as string;
    adapter.append(roomMessage('a', { volatile: true }));
    expect(delivered).toMatchObject([{ type: 'a', offset: undefined }]);
    expect(adapter.entriesAfter(ROOM, place)).toEqual({ entries: [], complete: true });
  });

  it('have what came while nobody was in, for as long as somebody may come back', () => {
    const { adapter, clock } = openAdapter();
    adapter.subscribe(ROOM);
    const place = adapter.head(ROOM) as string;
    adapter.unsubscribe(ROOM);
    adapter.append(roomMessage('a'));
    clock.now += 99;
    const history = adapter.entriesAfter(ROOM, place) as RoomHistory;
    expect([history.complete, history.entries.map(({ type }) => type)]).toEqual([true, ['a']]);
  });

  it('tell who comes back later that something may be missing', () => {
    const { adapter, clock } = openAdapter();
    adapter.subscribe(ROOM);
    const place = adapter.head(ROOM) as string;
    adapter.unsubscribe(ROOM);
    clock.now += 100;
    expect(adapter.entriesAfter(ROOM, place)).toEqual({ entries: [], complete: false });
    adapter.subscribe(ROOM);
    expect(adapter.entriesAfter(ROOM, place)).toEqual({ entries: [], complete: false });
    expect(adapter.entriesAfter(ROOM, adapter.head(ROOM) as string)).toEqual({ entries: [], complete: true });
  });

  it('that are quiet lose nothing while somebody is in', () => {
    const { adapter, clock } = openAdapter();
    adapter.subscribe(ROOM);
    adapter.append(roomMessage('a'));
    const place = adapter.head(ROOM) as string;
    clock.now += 10_000;
    adapter.unsubscribe(ROOM);
    adapter.subscribe(ROOM);
    expect(adapter.entriesAfter(ROOM, place)).toEqual({ entries: [], complete: true });
  });

  it('list their members', () => {
    const { adapter } = openAdapter();
    adapter.enter(ROOM, { id: 's', info: 1 });
    adapter.enter(ROOM, { id: 't', info: 2 });
    adapter.enter(ROOM, { id: 's', info: 3 });
    expect(adapter.members(ROOM)).toEqual([
      { id: 's', info: 3 },
      { id: 't', info: 2 },
    ]);
    adapter.exit(ROOM, 's');
    adapter.exit('/#other', 's');
    expect(adapter.members(ROOM)).toEqual([{ id: 't', info: 2 }]);
    adapter.exit(ROOM, 't');
    expect(adapter.members(ROOM)).toEqual([]);
  });
});

describe('sessions', () => {
  it('are gone on with by the same identity', () => {
    const { adapter } = openAdapter();
    adapter.saveSession('secret', RECORD);
    expect(adapter.claimSession('secret', 'ben')).toBeUndefined();
    expect(adapter.claimSession('other', 'ann')).toBeUndefined();
    expect(adapter.claimSession('secret', 'ann')).toEqual(RECORD);
  });

  it('are kept for as long as the client is there, and a while longer', () => {
    const { adapter, clock } = openAdapter();
    adapter.saveSession('secret', RECORD);
    clock.now += 1_000;
    adapter.releaseSession('secret');
    clock.now += 99;
    expect(adapter.claimSession('secret', 'ann')).toEqual(RECORD);
    clock.now += 1_000;
    adapter.releaseSession('secret');
    clock.now += 100;
    expect(adapter.claimSession('secret', 'ann')).toBeUndefined();
  });

  it('are over when they are dropped, held or released', () => {
    const { adapter } = openAdapter();
    for (const secret of ['held', 'released']) adapter.saveSession(secret, RECORD);
    adapter.releaseSession('released');
    adapter.releaseSession('unknown');
    for (const secret of ['held', 'released']) {
      adapter.dropSession(secret);
      expect(adapter.claimSession(secret, 'ann')).toBeUndefined();
    }
  });
});

it('remembers answers for a while', () => {
  const { adapter, clock } = openAdapter();
  adapter.saveAnswer('s', 'k', 'answer');
  expect([adapter.answerTo('s', 'k'), adapter.answerTo('t', 'k')]).toEqual(['answer', undefined]);
  clock.now += 100;
  expect(adapter.answerTo('s', 'k')).toBeUndefined();
});

it('has no other nodes to ask, and nothing when it is closed', () => {
  const { adapter } = openAdapter();
  adapter.subscribe(ROOM);
  adapter.saveSession('secret', RECORD);
  expect(adapter.ask({ kind: 'sockets', room: ROOM })).toEqual([]);
  adapter.close();
  expect(adapter.claimSession('secret', 'ann')).toBeUndefined();
});
