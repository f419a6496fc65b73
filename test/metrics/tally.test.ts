import { expect, it } from 'vitest';
import { Tally } from '../../src/metrics/tally.ts';

function taken(tally: Tally): Array<[string, number]> {
  const all: Array<[string, number]> = [];
  tally.take((values, count) => all.push([values.join('/'), count]));
  return all;
}

it('hands out what was counted since the last time', () => {
  const tally = new Tally();
  expect(taken(tally)).toEqual([]);
  tally.add(1, 'server', 'text');
  tally.add(2, 'server', 'text');
  tally.add(-1, 'client', 'text');
  expect(taken(tally)).toEqual([
    ['server/text', 3],
    ['client/text', -1],
  ]);
  tally.add(1, 'client', 'text');
  tally.add(5, 'client');
  expect(taken(tally)).toEqual([
    ['server/text', 0],
    ['client/text', 1],
    ['client', 5],
  ]);
});
