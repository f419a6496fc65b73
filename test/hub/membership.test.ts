import { describe, expect, it } from 'vitest';
import { EMPTIED } from '../../src/hub/adapter.ts';
import { Membership, type MembershipHost } from '../../src/hub/membership.ts';
import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { Rooms } from '../../src/hub/rooms.ts';
import { Session } from '../../src/hub/session.ts';
import { EVERYBODY } from '../../src/wire/index.ts';
import { FakeSocket } from './fake-socket.ts';
import { roomMessage } from './room-message.ts';

function setUp({ keepsPresence = true } = {}) {
  const adapter = memoryAdapter();
  const rooms = new Rooms('/', adapter, 10);
  adapter.open({
    id: 'node',
    history: { count: 10, ageMs: 60_000 },
    deliver: (entry) => rooms.get(entry.room.slice(2))?.deliver(entry),
    gap: () => {},
    answer: () => undefined,
    report: () => {},
  });
  const announced: unknown[] = [];
  const host: MembershipHost = {
    path: '/',
    rooms,
    adapter,
    keepsPresence,
    memberOf: ({ id }, room) => (keepsPresence && room !== 'unlisted' ? { id, info: room } : undefined),
    announce: (room, change) => announced.push([room, change]),
    attempt: (work) => void work(),
  };
  const enter = (id: string, session?: Session, limit = 3) => {
    const socket = new FakeSocket(id);
    return { socket, membership: new Membership(host, socket.asSocket, session, limit) };
  };
  return { adapter, rooms, announced, host, enter };
}

describe('a socket', () => {
  it('goes into rooms and out of them', async () => {
    const { rooms, enter } = setUp();
    const { socket, membership } = enter('ann');
    await membership.begin();
    expect(await membership.enter('r')).toMatch(/^\d+-\d+$/);
    expect(await membership.enter('r')).toBeUndefined();
    expect([...membership.names]).toEqual(['r']);
    expect(rooms.get(EVERYBODY)!.sockets).toEqual([socket]);
    expect([membership.exit('r'), membership.exit('r')]).toEqual([true, false]);
    expect(rooms.get('r')).toBeUndefined();
  });

  it('is in so many rooms at the most', async () => {
    const { enter } = setUp();
    const { membership } = enter('ann', undefined, 1);
    await membership.enter('r');
    await expect(membership.enter('s')).rejects.toMatchObject({ code: 'TOO_MANY_ROOMS' });
    await expect(membership.enter('$all')).rejects.toThrow(TypeError);
    membership.exit('r');
    await membership.enter('s');
  });

  it('is told what the application does with it, if it keeps up with its rooms', async () => {
    const { adapter, enter } = setUp();
    const withSession = enter('ann', Session.begin(adapter, 'ann'));
    const plain = enter('ben');
    for (const { membership } of [withSession, plain]) {
      await membership.join('r');
      await membership.join('r');
      membership.leave('r');
      membership.leave('r');
    }
    expect([withSession.socket.types, plain.socket.types]).toEqual([['$joined', '$left'], []]);
  });

  it('is not in a room that it left, or that failed, while it was joining', async () => {
    const { adapter, rooms, enter } = setUp();
    const session = Session.begin(adapter, 'ann');
    const { membership } = enter('ann', session);
    const joining = membership.enter('r');
    membership.exit('r');
    await joining;
    expect([rooms.get('r'), session.rooms.size]).toEqual([undefined, 0]);
    adapter.head = () => Promise.reject(new Error('down'));
    await expect(membership.enter('s')).rejects.toThrow('down');
    expect([rooms.get('s'), membership.names.size]).toEqual([undefined, 0]);
  });

  it('is in no room when it is gone, nor goes into one', async () => {
    const { rooms, enter } = setUp();
    const { membership } = enter('ann');
    await membership.begin();
    await membership.enter('r');
    const joining = membership.enter('s');
    membership.end({ replaced: false });
    await joining;
    expect(await membership.enter('t')).toBeUndefined();
    expect(membership.exit('r')).toBe(false);
    expect(['r', 's', 't', EVERYBODY].map((room) => rooms.get(room))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the list of members', () => {
  it('has who comes, until it goes', async () => {
    const { adapter, announced, enter } = setUp();
    const { membership } = enter('ann');
    await membership.enter('r');
    expect(adapter.members('/#r')).toEqual([{ id: 'ann', info: 'r' }]);
    membership.exit('r');
    await membership.enter('s');
    membership.end({ replaced: false });
    expect([adapter.members('/#r'), adapter.members('/#s')]).toEqual([[], []]);
    expect(announced).toEqual([
      ['r', { joined: [{ id: 'ann', info: 'r' }] }],
      ['r', { left: ['ann'] }],
      ['s', { joined: [{ id: 'ann', info: 's' }] }],
      ['s', { left: ['ann'] }],
    ]);
  });

  it('keeps who is replaced by a newer connection', async () => {
    const { adapter, announced, enter } = setUp();
    const { membership } = enter('ann');
    await membership.enter('r');
    membership.end({ replaced: true });
    expect(adapter.members('/#r')).toHaveLength(1);
    expect(announced).toHaveLength(1);
  });

  it('is not kept, or has not everybody, where the application says so', async () => {
    const without = setUp({ keepsPresence: false });
    const { membership } = without.enter('ann');
    await membership.enter('r');
    membership.exit('r');
    const some = setUp();
    await some.enter('ann').membership.enter('unlisted');
    expect([without.announced, some.announced, some.adapter.members('/#unlisted')]).toEqual([[], [], []]);
  });
});

describe('a socket that is back', () => {
  async function comeBack(offsets: (place: string) => Record<string, string>) {
    const all = setUp();
    const { adapter, enter } = all;
    const session = Session.begin(adapter, 'ann');
    const first = enter('ann', session);
    adapter.subscribe('/#r');
    adapter.append(roomMessage('before'));
    await first.membership.begin();
    const place = (await first.membership.enter('r'))!;
    adapter.append(roomMessage('a'));
    first.membership.end({ replaced: false });
    adapter.append(roomMessage('b'));
    const second = enter('ann', session);
    const known = new Map(Object.entries(offsets(place)));
    const { rooms, release } = await second.membership.resume(session, known);
    release();
    return { ...all, ...second, rooms, place, session };
  }

  it('is in its rooms, and gets what it missed', async () => {
    const { membership, socket, rooms, adapter } = await comeBack(() => ({}));
    expect([...membership.names]).toEqual(['r']);
    expect(socket.types).toEqual(['a', 'b']);
    expect(Object.keys(rooms)).toEqual([EVERYBODY, 'r']);
    expect(rooms.r!.gap).toBe(false);
    expect(adapter.members('/#r')).toEqual([{ id: 'ann', info: 'r' }]);
  });

  it('gets nothing of before it came, whatever it says that it has', async () => {
    const { socket, rooms, place } = await comeBack(() => ({ r: '0-0', other: '0-0' }));
    expect(socket.types).toEqual(['a', 'b']);
    expect([rooms.r!.offset, rooms.other]).toEqual([place, undefined]);
  });

  it('is not in rooms any more that were emptied', async () => {
    const { adapter, enter } = setUp();
    const session = Session.begin(adapter, 'ann');
    const first = enter('ann', session);
    for (const room of ['r', 's']) await first.membership.enter(room);
    first.membership.end({ replaced: false });
    adapter.append(roomMessage(EMPTIED));
    const second = enter('ann', session);
    const { rooms } = await second.membership.resume(session, new Map());
    expect([Object.keys(rooms), [...second.membership.names]]).toEqual([['s'], ['s']]);
    expect([...session.rooms.keys()]).toEqual(['/#s']);
  });

  it('stays in rooms that were emptied before it came, also where it has missed something since', async () => {
    const { adapter, enter } = setUp();
    const session = Session.begin(adapter, 'ann');
    adapter.subscribe('/#r');
    adapter.append(roomMessage(EMPTIED));
    await enter('ann', session).membership.enter('r');
    for (const missed of [0, 20, 0]) {
      for (let i = 0; i < missed; i++) adapter.append(roomMessage('missed'));
      const { rooms } = await enter('ann', session).membership.resume(session, new Map());
      expect(Object.keys(rooms)).toEqual(['r']);
    }
  });

  it('goes on from a new place where something is missing', async () => {
    const { session, rooms, adapter } = await comeBack(() => ({ r: '9999999999999-0' }));
    expect(rooms.r).toEqual({ gap: true, offset: adapter.head('/#r') });
    expect(session.rooms.get('/#r')).toBe(rooms.r!.offset);
  });
});
