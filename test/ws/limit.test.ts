import { expect, it } from 'vitest';
import { limitOf } from '../../src/ws/limit.ts';

it.each([
  [1, 1],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [25.9, 25],
  [0, Infinity],
  [-1, Infinity],
  [undefined, Infinity],
  [Number.NaN, Infinity],
  [Infinity, Infinity],
  [2 ** 31, Infinity],
  [2 ** 32 + 5, 5],
])('reads %d as %d', (option, limit) => {
  expect(limitOf(option)).toBe(limit);
});
