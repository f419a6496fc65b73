import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Room } from '../../src/hub/room.ts';
import { FakeSocket } from './fake-socket.ts';
import { roomEntry } from './room-message.ts';

function roomOf(maxHeld = 10): Room {
  return new Room('r', '/#r', undefined, maxHeld);
}

describe('a socket in a room', () => {
  it('gets what comes, unless it is left out, until it goes', () => {
    const room = roomOf();
    const [ann, ben] = [new FakeSocket('ann'), new FakeSocket('ben')];
    for (const { asSocket } of [ann, ben]) room.add(asSocket);
    room.deliver(roomEntry('a', '1-0'));
    room.deliver(roomEntry('b', '2-0', { except: ['ann'] }));
    room.delete(ben.asSocket);
    room.deliver(roomEntry('c', undefined, { volatile: true }));
    expect([ann.types, ben.types]).toEqual([
      ['a', 'c'],
      ['a', 'b'],
    ]);
    expect(room.sockets).toEqual([ann]);
    room.delete(ann.asSocket);
    expect(room.isEmpty).toBe(true);
  });

  it('gets nothing volatile while it reads too slowly, and nothing when it is closing', () => {
    const room = roomOf();
    const ann = new FakeSocket('ann');
    room.add(ann.asSocket);
    ann.connection.writableNeedDrain = true;
    room.deliver(roomEntry('a', undefined, { volatile: true }));
    room.deliver(roomEntry('b', '1-0'));
    ann.connection.writableNeedDrain = false;
    room.deliver(roomEntry('c', undefined, { volatile: true }));
    ann.connection.readyState = 2;
    room.deliver(roomEntry('d', '2-0'));
    expect(ann.types).toEqual(['b', 'c']);
  });

  it('is told of gaps', () => {
    const room = roomOf();
    const [ann, ben] = [new FakeSocket('ann'), new FakeSocket('ben')];
    room.add(ann.asSocket);
    room.hold(ben.asSocket);
    room.gap();
    for (const { got } of [ann, ben]) expect(got).toEqual([{ type: '$gap', data: { room: 'r' } }]);
  });
});

describe('a socket that is back', () => {
  it('gets what it missed, then what came meanwhile, then what comes', () => {
    const room = roomOf();
    const ann = new FakeSocket('ann');
    room.hold(ann.asSocket);
    room.deliver(roomEntry('c', '3-0'));
    room.deliver(roomEntry('passing', undefined, { volatile: true }));
    expect(ann.types).toEqual([]);
    room.release(ann.asSocket, '1-0', [roomEntry('b', '2-0'), roomEntry('c', '3-0')]);
    room.deliver(roomEntry('d', '4-0'));
    room.deliver(roomEntry('e', '5-0'));
    expect(ann.types).toEqual(['b', 'c', 'd', 'e']);
  });

  it('gets nothing again that comes late over the way between the nodes', () => {
    const room = roomOf();
    const ann = new FakeSocket('ann');
    room.hold(ann.asSocket);
    room.deliver(roomEntry('a', '1-0'));
    room.release(ann.asSocket, '1-0', [roomEntry('b', '2-0')]);
    room.deliver(roomEntry('b', '2-0'));
    room.deliver(roomEntry('local', undefined));
    room.deliver(roomEntry('b', '2-0'));
    room.deliver(roomEntry('c', '3-0'));
    expect(ann.types).toEqual(['b', 'local', 'c']);
  });

  it('is told when more came meanwhile than is held', () => {
    const room = roomOf(2);
    const ann = new FakeSocket('ann');
    room.hold(ann.asSocket);
    for (const [type, offset] of Object.entries({ b: '2-0', c: '3-0', d: '4-0' }))
      room.deliver(roomEntry(type, offset));
    room.release(ann.asSocket, '0-0', [roomEntry('a', '1-0')]);
    expect(ann.types).toEqual(['a', '$gap', 'c', 'd']);
  });

  it('does not get what leaves it out, and may have gone', () => {
    const room = roomOf();
    const [ann, ben] = [new FakeSocket('ann'), new FakeSocket('ben')];
    for (const { asSocket } of [ann, ben]) room.hold(asSocket);
    room.delete(ben.asSocket);
    const missed = [roomEntry('a', '1-0', { except: ['ann'] }), roomEntry('b', '2-0')];
    for (const { asSocket } of [ann, ben]) room.release(asSocket, '0-0', missed);
    expect([ann.types, ben.types]).toEqual([['b'], []]);
    expect(room.sockets).toEqual([ann]);
  });

  it('gets all of a log once and in order, however live delivery and replay overlap', () => {
    // Live delivery, which may lag behind the log, at some places of the resume: before it, while it reads, after it.
    const plan = fc.record({
      had: fc.nat(10),
      appended: fc.nat(10),
      lag: fc.nat(10),
      whileReading: fc.nat(10),
      later: fc.nat(10),
    });
    fc.assert(
      fc.property(plan, ({ had, appended, lag, whileReading, later }) => {
        const room = roomOf(100);
        const ann = new FakeSocket('ann');
        const total = had + appended + whileReading + later;
        const log = Array.from({ length: total }, (_, i) => roomEntry(String(i + 1), `${i + 1}-0`));
        let live = Math.max(0, had + appended - lag);
        const deliverTo = (end: number) => {
          for (; live < end; live++) room.deliver(log[live]!);
        };
        room.hold(ann.asSocket);
        deliverTo(had + appended);
        const missed = log.slice(had, had + appended + whileReading);
        // Of what is read some has not come live yet.
        deliverTo(had + appended + (whileReading >> 1));
        room.release(ann.asSocket, `${had}-0`, missed);
        deliverTo(total);
        expect(ann.types).toEqual(log.slice(had).map(({ type }) => type));
      }),
    );
  });
});
