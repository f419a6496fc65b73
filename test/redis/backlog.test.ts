import { expect, it } from 'vitest';
import { Backlog } from '../../src/redis/backlog.ts';

it('has place for so many messages', () => {
  const backlog = new Backlog({ messages: 2, bytes: 1_000 });
  expect([backlog.take(1), backlog.take(1), backlog.take(1)]).toEqual([true, true, false]);
  backlog.give(1);
  expect([backlog.take(1), backlog.take(1)]).toEqual([true, false]);
});

it('has place for so many bytes', () => {
  const backlog = new Backlog({ messages: 1_000, bytes: 10 });
  expect([backlog.take(6), backlog.take(5), backlog.take(4), backlog.take(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  backlog.give(6);
  expect([backlog.take(7), backlog.take(6)]).toEqual([false, true]);
});
