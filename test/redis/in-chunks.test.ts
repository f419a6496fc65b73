import { expect, it } from 'vitest';
import { inChunks } from '../../src/redis/in-chunks.ts';

it('does each once, in order, and not all at a time', async () => {
  const items = Array.from({ length: 1_234 }, (_, i) => i);
  const done: number[] = [];
  let [running, most] = [0, 0];
  await inChunks(items, async (item) => {
    done.push(item);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  });
  expect(done).toEqual(items);
  expect(most).toBe(500);
});

it('fails with the first that does', async () => {
  await expect(inChunks([1, 2], async (item) => Promise.reject(item))).rejects.toBe(1);
});
