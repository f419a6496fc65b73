import { describe, expect, it } from 'vitest';
import { RoomPositions } from '../../src/client/room-positions.ts';

const message = (room: string, offset?: string, mid?: string) => ({ type: 'a', room, offset, mid });

describe('RoomPositions', () => {
  it('takes each message once, in the order of the log', () => {
    const rooms = new RoomPositions();
    rooms.enter('a', '5-0');
    const offsets = ['5-0', '5-1', '5-1', '5-0', '10-0'];
    expect(offsets.map((offset) => rooms.accept(message('a', offset)))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(rooms.offsets).toEqual({ a: '10-0' });
  });

  it('takes what is of no room, and what tells no place', () => {
    const rooms = new RoomPositions();
    expect(rooms.accept({ type: 'a' })).toBe(true);
    expect(rooms.accept(message('a'))).toBe(true);
    expect(rooms.offsets).toEqual({});
  });

  it('knows a message of the log that came before without a place', () => {
    const rooms = new RoomPositions();
    expect(rooms.accept(message('a', undefined, 'm1'))).toBe(true);
    expect(rooms.accept(message('a', undefined, 'm1'))).toBe(false);
    expect(rooms.accept(message('a', '1-0', 'm1'))).toBe(false);
    expect(rooms.accept(message('a', '1-1', 'm2'))).toBe(true);
    expect(rooms.offsets).toEqual({ a: '1-1' });
  });

  it('remembers no more than so many', () => {
    const rooms = new RoomPositions();
    for (let n = 0; n <= 1000; n++) rooms.accept(message('a', undefined, `m${n}`));
    expect(rooms.accept(message('a', undefined, 'm0'))).toBe(true);
    expect(rooms.accept(message('a', undefined, 'm2'))).toBe(false);
  });

  it('counts a message that overtook the answer to the join', () => {
    const rooms = new RoomPositions();
    rooms.accept(message('a', '7-0'));
    rooms.enter('a', '5-0');
    rooms.enter('a', undefined);
    expect(rooms.offsets).toEqual({ a: '7-0' });
  });

  it('begins anew after a gap: the log may have', () => {
    const rooms = new RoomPositions();
    rooms.enter('a', '9-0');
    rooms.gap('a');
    expect(rooms.accept(message('a', '2-0'))).toBe(true);
    expect(rooms.accept(message('a', '1-0'))).toBe(false);
    expect(rooms.offsets).toEqual({ a: '2-0' });
  });

  it('takes over the rooms of a session, and tells which are gone', () => {
    const rooms = new RoomPositions();
    rooms.enter('a', '1-0');
    rooms.enter('b', '1-0');
    const left = rooms.resume({ b: { offset: '1-0', gap: false }, c: { offset: '9-0', gap: true } });
    expect([left, rooms.names, rooms.has('a')]).toEqual([['a'], ['b', 'c'], false]);
    expect(rooms.accept(message('b', '1-0'))).toBe(false);
    expect(rooms.accept(message('c', '3-0'))).toBe(true);
  });

  it('forgets', () => {
    const rooms = new RoomPositions();
    rooms.accept(message('a', undefined, 'm'));
    rooms.enter('b', '1-0');
    rooms.leave('b');
    expect(rooms.names).toEqual([]);
    rooms.clear();
    expect(rooms.accept(message('a', undefined, 'm'))).toBe(true);
  });

  it('has rooms of any name', () => {
    const rooms = new RoomPositions();
    rooms.enter('__proto__', '1-0');
    expect(JSON.stringify(rooms.offsets)).toBe('{"__proto__":"1-0"}');
  });
});
