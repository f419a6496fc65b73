import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RedisKeys } from '../../src/redis/redis-keys.ts';

const keys = new RedisKeys('p');
const rooms = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('{', '}', '%', '0', '\ud800', 'a') }));

it('keeps what is of one room together in a cluster', () => {
  fc.assert(
    fc.property(rooms, (name) => {
      const room = `/#${name}`;
      const all = [...Object.values(keys.room(room)), keys.seen(room, 'node')];
      const tags = all.map((key) => /\{(.*?)\}/s.exec(key)![1]);
      expect(new Set(tags).size).toBe(1);
      expect(tags[0]).not.toBe('');
    }),
  );
});

it('keeps rooms apart, in UTF-8 too', () => {
  fc.assert(
    fc.property(rooms, rooms, (one, other) => {
      fc.pre(one !== other);
      const bytesOf = (room: string) => Buffer.from(keys.room(room).log).toString('hex');
      expect(bytesOf(one)).not.toBe(bytesOf(other));
    }),
  );
});

it('begins all with the prefix', () => {
  const all = [
    keys.nodes,
    keys.allNodes,
    keys.node('n'),
    keys.session('s'),
    keys.answer('i', 'k'),
    keys.seen('r', 'n'),
    ...Object.values(keys.room('r')),
  ];
  expect(all.filter((key) => !key.startsWith('p:'))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
});
