import { expect, it } from 'vitest';
import { ExpiringMap } from '../../src/hub/expiring-map.ts';

function mapWithClock(): { map: ExpiringMap<number>; clock: { now: number } } {
  const clock = { now: 0 };
  return { map: new ExpiringMap(100, () => clock.now), clock };
}

it('has what was set, for as long as it was told', () => {
  const { map, clock } = mapWithClock();
  map.set('a', 1);
  clock.now = 99;
  expect(map.get('a')).toBe(1);
  clock.now = 100;
  expect(map.get('a')).toBeUndefined();
});

it('counts the time from when a key was set last', () => {
  const { map, clock } = mapWithClock();
  map.set('a', 1);
  map.set('b', 2);
  clock.now = 60;
  map.set('a', 3);
  clock.now = 120;
  expect([map.get('a'), map.get('b')]).toEqual([3, undefined]);
});

it('lets go of one, and of all', () => {
  const { map } = mapWithClock();
  for (const key of ['a', 'b', 'c']) map.set(key, 1);
  map.delete('a');
  expect([map.get('a'), map.get('b')]).toEqual([undefined, 1]);
  map.clear();
  expect([map.get('b'), map.get('c')]).toEqual([undefined, undefined]);
});
