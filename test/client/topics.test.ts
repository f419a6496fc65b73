import { expect, it, vi } from 'vitest';
import { reportFailure, Topics } from '../../src/client/topics.ts';

it('calls who listens to a type, once and in order, until they stop', () => {
  const topics = new Topics();
  const calls: unknown[] = [];
  const first = (...args: unknown[]) => calls.push(['first', ...args]);
  const stopFirst = topics.on('a', first);
  topics.on('a', first);
  topics.on('a', (...args: unknown[]) => calls.push(['second', ...args]));
  topics.emit('a', 1, 2);
  topics.emit('b', 3);
  stopFirst();
  stopFirst();
  topics.emit('a', 4);
  expect(calls).toEqual([
    ['first', 1, 2],
    ['second', 1, 2],
    ['second', 4],
  ]);
});

it('is empty when nobody listens', () => {
  const topics = new Topics();
  const stop = topics.on('__proto__', () => {});
  expect(topics.isEmpty).toBe(false);
  stop();
  expect(topics.isEmpty).toBe(true);
});

it('calls those that listened when it began', () => {
  const topics = new Topics();
  const late = vi.fn();
  topics.on('a', () => topics.on('a', late));
  topics.emit('a');
  expect(late).not.toHaveBeenCalled();
});

it('reports what a handler throws, and goes on', async () => {
  const queued = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
  const topics = new Topics();
  const second = vi.fn();
  const failure = new Error('of a handler');
  topics.on('a', () => {
    throw failure;
  });
  topics.on('a', second);
  topics.emit('a');
  reportFailure('other');
  const [first, other] = queued.mock.calls.map(([task]) => task);
  queued.mockRestore();
  expect(second).toHaveBeenCalledOnce();
  expect(first).toThrow(failure);
  expect(other).toThrow('other');
});
