import { describe, expect, it } from 'vitest';
import { type Adapter, EMPTIED } from '../../src/hub/adapter.ts';
import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { Rooms } from '../../src/hub/rooms.ts';
import { FakeSocket } from './fake-socket.ts';
import { roomMessage } from './room-message.ts';

function roomsOn(change: (adapter: Adapter) => void = () => {}) {
  const adapter = memoryAdapter();
  const rooms = new Rooms('/', adapter, 10);
  const calls: string[] = [];
  const { subscribe, unsubscribe } = adapter;
  adapter.subscribe = (room) => {
    calls.push(`+${room}`);
    return subscribe.call(adapter, room);
  };
  adapter.unsubscribe = (room) => {
    calls.push(`-${room}`);
    unsubscribe.call(adapter, room);
  };
  change(adapter);
  adapter.open({
    id: 'node',
    history: { count: 2, ageMs: 60_000 },
    deliver: (entry) => rooms.get(entry.room.slice(2))?.deliver(entry),
    gap: () => {},
    answer: () => undefined,
    report: () => {},
  });
  return { adapter, rooms, calls };
}

describe('rooms', () => {
  it('are subscribed to while somebody is in them', async () => {
    const { rooms, calls } = roomsOn();
    const [ann, ben] = [new FakeSocket('ann').asSocket, new FakeSocket('ben').asSocket];
    await Promise.all([rooms.join(ann, 'r'), rooms.join(ben, 'r')]);
    rooms.leave(ann, 'r');
    rooms.leave(ann, 'other');
    expect(calls).toEqual(['+/#r']);
    rooms.leave(ben, 'r');
    expect(rooms.get('r')).toBeUndefined();
    expect(calls).toEqual(['+/#r', '-/#r']);
  });

  it('tell a newcomer the place behind which it gets everything', async () => {
    const { adapter, rooms } = roomsOn();
    const ann = new FakeSocket('ann');
    await rooms.join(new FakeSocket('ben').asSocket, 'r');
    adapter.append(roomMessage('a'));
    const offset = await rooms.join(ann.asSocket, 'r');
    expect(offset).toBe(adapter.head('/#r'));
    adapter.append(roomMessage('b'));
    expect(ann.types).toEqual(['b']);
  });

  it('tell who is back whether something is missing, and where to go on', async () => {
    const { adapter, rooms } = roomsOn();
    const place = await rooms.join(new FakeSocket('ben').asSocket, 'r');
    adapter.append(roomMessage('a'));
    const afterFirst = adapter.head('/#r') as string;
    for (const type of ['b', 'c']) adapter.append(roomMessage(type));
    const [ann, cid] = [new FakeSocket('ann'), new FakeSocket('cid')];
    const whole = await rooms.rejoin(ann.asSocket, 'r', afterFirst);
    const partial = await rooms.rejoin(cid.asSocket, 'r', place);
    expect([whole.gap, whole.offset, partial.gap]).toEqual([false, afterFirst, true]);
    for (const { release } of [whole, partial]) release();
    expect([ann.types, cid.types]).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('tell nobody who comes back that others were taken out of them', async () => {
    const { adapter, rooms } = roomsOn();
    await rooms.join(new FakeSocket('ben').asSocket, 'r');
    const place = adapter.head('/#r') as string;
    for (const type of [EMPTIED, 'a']) adapter.append(roomMessage(type));
    const ann = new FakeSocket('ann');
    (await rooms.rejoin(ann.asSocket, 'r', place)).release();
    expect(ann.types).toEqual(['a']);
  });

  it('go on for who comes back to a log that is another one', async () => {
    const { adapter, rooms } = roomsOn();
    const ann = new FakeSocket('ann');
    const { gap, offset, release } = await rooms.rejoin(ann.asSocket, 'r', '9999999999999-0');
    release();
    expect([gap, offset]).toEqual([true, adapter.head('/#r')]);
    adapter.append(roomMessage('a'));
    expect(ann.types).toEqual(['a']);
  });

  it('are not joined when the adapter fails, and may be later', async () => {
    let isDown = true;
    const { rooms } = roomsOn((adapter) => {
      const { subscribe, head } = adapter;
      adapter.subscribe = (room) =>
        isDown ? Promise.reject(new Error('down')) : subscribe.call(adapter, room);
      adapter.head = head.bind(adapter);
    });
    const ann = new FakeSocket('ann').asSocket;
    await expect(rooms.join(ann, 'r')).rejects.toThrow('down');
    await expect(rooms.rejoin(ann, 'r', '0-0')).rejects.toThrow('down');
    expect(rooms.get('r')).toBeUndefined();
    isDown = false;
    await rooms.join(ann, 'r');
    expect(rooms.get('r')?.sockets).toEqual([ann]);
  });

  it('stay as they are when one that failed is left late', async () => {
    const { rooms, calls } = roomsOn((adapter) => {
      const { head } = adapter;
      adapter.head = () => {
        adapter.head = head;
        return Promise.reject(new Error('down'));
      };
    });
    const ann = new FakeSocket('ann').asSocket;
    const failing = rooms.join(ann, 'r');
    rooms.leave(ann, 'r');
    const again = rooms.join(new FakeSocket('ben').asSocket, 'r');
    const opened = rooms.get('r');
    await expect(failing).rejects.toThrow('down');
    expect(rooms.get('r')).toBe(opened);
    await again;
    expect(calls).toEqual(['+/#r', '-/#r', '+/#r']);
  });
});
