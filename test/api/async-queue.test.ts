import { describe, expect, it } from 'vitest';
import { AsyncQueue } from '../../src/api/async-queue.ts';

const END = { value: undefined, done: true };
const value = (of: number) => ({ value: of, done: false });

describe('AsyncQueue', () => {
  it('gives values in order, those that wait and those that come', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    expect([queue.length, queue.keeps]).toEqual([1, true]);
    const taken = [queue.take(), queue.take(), queue.take()];
    expect(queue.keeps).toBe(false);
    queue.push(2);
    queue.push(3);
    queue.push(4);
    expect(await Promise.all(taken)).toEqual([value(1), value(2), value(3)]);
    expect(queue.clear()).toEqual([4]);
    expect(queue.length).toBe(0);
  });

  it('ends behind what waits, for all who ask', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end();
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual([value(1), END, END]);
    const other = new AsyncQueue<number>();
    const taken = [other.take(), other.take()];
    other.end();
    expect(await Promise.all(taken)).toEqual([END, END]);
  });

  it('tells an error once, behind what waits', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('no more'));
    queue.end();
    expect(await queue.take()).toEqual(value(1));
    await expect(queue.take()).rejects.toThrow('no more');
    expect(await queue.take()).toEqual(END);
  });

  it('tells an error to one of those who wait', async () => {
    const queue = new AsyncQueue<number>();
    const taken = [queue.take(), queue.take()];
    queue.fail(new Error('no more'));
    await expect(taken[0]).rejects.toThrow('no more');
    expect([await taken[1], await queue.take()]).toEqual([END, END]);
  });
});
