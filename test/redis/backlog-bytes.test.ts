import { expect, it } from 'vitest';
import { Backlog } from '../../src/redis/backlog.ts';
import { RoomWriter } from '../../src/redis/room-writer.ts';
import type { Numbered } from '../../src/redis/stream-log.ts';

/** Three bytes. */
const CHARACTER = '語';

/** A writer of a log that takes all, where `bytes` have place before it. */
function setUp(bytes: number, isOpen: boolean) {
  const batches: Array<readonly Numbered[]> = [];
  const losses: number[] = [];
  let number = 0;
  const writer = new RoomWriter(
    'room',
    {
      backlog: new Backlog({ messages: 1_000, bytes }),
      maxAgeMs: 60_000,
      nextNumber: () => ++number,
      write: async (_room, batch) => void batches.push(batch),
      onLoss: (_room, count) => losses.push(count),
      onIdle: () => {},
    },
    isOpen,
  );
  return { writer, batches, losses };
}

it('has place for so many bytes, not characters, and gives all of them back', async () => {
  const { writer, losses } = setUp(9, false);
  const add = (count: number) => {
    const added = writer.add(CHARACTER.repeat(count));
    // It rejects when it is abandoned.
    added?.catch(() => {});
    return added !== undefined;
  };
  expect([add(1), add(2), add(1)]).toEqual([true, true, false]);
  writer.open();
  await writer.whenWritten();
  writer.goAway();
  expect([add(3), add(1)]).toEqual([true, false]);
  expect(writer.abandon()).toBe(1);
  expect([add(3), losses]).toEqual([true, [1, 1]]);
});

it('writes no more than a mebibyte at a time', async () => {
  const { writer, batches } = setUp(1e9, true);
  for (const count of [1, 200_000, 200_000]) void writer.add(CHARACTER.repeat(count));
  await writer.whenWritten();
  expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1]);
});
