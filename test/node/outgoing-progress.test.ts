import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { outgoingProgress } from '../../src/node/outgoing-progress.ts';
import { socketPair } from './socket-pair.ts';

/** More than the buffers of the system take. */
const LONG = Buffer.alloc(64 * 1024 * 1024);

it('stands while the system takes nothing, whatever is written, and goes on in the middle of a write', async () => {
  const { near, far } = await socketPair();
  far.pause();
  near.write(LONG);
  await standstill();
  const stuck = outgoingProgress(near);
  near.write('more');
  expect(outgoingProgress(near)).toBe(stuck);

  for (far.resume(); far.bytesRead < LONG.length / 4; ) await once(far, 'data');
  far.pause();
  await standstill();
  expect(outgoingProgress(near)).not.toBe(stuck);
  // The long write is not done for that.
  expect(near.writableLength).toBe(LONG.length + 4);

  /** Waits until the buffers of the system are full. */
  async function standstill(): Promise<void> {
    for (let same = 0, last = Number.NaN; same < 20; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const progress = outgoingProgress(near);
      same = progress === last ? same + 1 : 0;
      last = progress;
    }
  }
});

it('is of any stream', () => {
  const stream = new PassThrough();
  const before = outgoingProgress(stream);
  expect(before).toBe(0);
});
