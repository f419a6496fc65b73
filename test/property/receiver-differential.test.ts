import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytes } from '../core/recorder.ts';
import { frameStream } from './frame-stream.ts';
import { compare, DIFFERENCES, ours, theirs } from './receiver-verdict.ts';

it('gives the verdict of ws on random and mutated streams, but for the differences that are listed', async () => {
  await fc.assert(
    fc.asyncProperty(frameStream, async ({ role, chunks }) => {
      compare(ours(role, chunks), await theirs(role, chunks));
    }),
    { numRuns: 3000 },
  );
}, 60_000);

it.each(DIFFERENCES)('differs from ws: $ours, $reason', async ({ ours: code, example, ofExample }) => {
  const chunks = [bytes(example)];
  const [mine, other] = [ours('client', chunks), await theirs('client', chunks)];
  expect([mine.error, other.error]).toEqual([code, ofExample]);
  compare(mine, other);
});
