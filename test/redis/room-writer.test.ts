import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Backlog } from '../../src/redis/backlog.ts';
import { RoomWriter } from '../../src/redis/room-writer.ts';
import { LOST, type Numbered } from '../../src/redis/stream-log.ts';

/** A log that takes each number once, and answers when it is told to. */
function setUp({ messages = 1_000, maxAgeMs = 60_000, isOpen = true } = {}) {
  const log: Numbered[] = [];
  const underway: Array<{ batch: readonly Numbered[]; resolve(): void; reject(error: Error): void }> = [];
  const losses: number[] = [];
  let idle = 0;
  let number = 0;
  const writer = new RoomWriter(
    'room',
    {
      backlog: new Backlog({ messages, bytes: 1e9 }),
      maxAgeMs,
      nextNumber: () => ++number,
      write: (_room, batch) => new Promise((resolve, reject) => underway.push({ batch, resolve, reject })),
      onLoss: (_room, count) => losses.push(count),
      onIdle: () => idle++,
    },
    isOpen,
  );
  /** Takes the batches in, once what is in them, and answers or not. */
  const take = async (isAnswered = true): Promise<void> => {
    for (const { batch, resolve, reject } of underway.splice(0)) {
      log.push(...batch.filter((each) => each.number > (log.at(-1)?.number ?? 0)));
      if (isAnswered) resolve();
      else reject(new Error('lost'));
    }
    await Promise.resolve();
    await Promise.resolve();
  };
  return { writer, log, underway, losses, take, idle: () => idle, texts: () => log.map(({ text }) => text) };
}

it('writes one batch at a time, in order', async () => {
  const { writer, underway, take, texts, idle } = setUp();
  const added = ['a', 'b', 'c'].map((text) => writer.add(text));
  expect(underway.map(({ batch }) => batch.map(({ text }) => text))).toEqual([['a']]);
  await take();
  expect(underway.map(({ batch }) => batch.map(({ text }) => text))).toEqual([['b', 'c']]);
  await take();
  await Promise.all(added);
  expect(texts()).toEqual(['a', 'b', 'c']);
  expect(idle()).toBe(1);
});

it('tells when what waits is written, whatever comes behind it', async () => {
  const { writer, take } = setUp();
  void writer.add('a');
  void writer.add('b');
  let isWritten = false;
  const written = writer.whenWritten().then(() => (isWritten = true));
  void writer.add('c');
  await take();
  expect(isWritten).toBe(false);
  void writer.add('d');
  await take();
  await written;
});

it('writes no more at a time than a hundred messages or a mebibyte', async () => {
  const { writer, underway, take } = setUp();
  void writer.add('first');
  for (let i = 0; i < 150; i++) void writer.add('x');
  await take();
  expect(underway[0]!.batch).toHaveLength(100);
  await take();
  await take();
  void writer.add('first');
  for (let i = 0; i < 3; i++) void writer.add('x'.repeat(600_000));
  await take();
  expect(underway[0]!.batch).toHaveLength(1);
});

it('writes what waits again when the log was out of reach, and lets its senders wait until it is there', async () => {
  const { writer, underway, take, texts } = setUp();
  const settled: string[] = [];
  const add = (text: string) => writer.add(text)!.then(() => settled.push(text));
  const added = [add('a'), add('b')];
  writer.goAway();
  await writer.whenWritten();
  added.push(add('c'));
  underway.length = 0;
  writer.open();
  const written = writer.whenWritten();
  expect(settled).toEqual([]);
  await take();
  await take();
  await written;
  await Promise.all(added);
  expect(settled).toEqual(['a', 'b', 'c']);
  expect(texts()).toEqual(['a', 'b', 'c']);
});

it('leaves one mark where there was no place', async () => {
  const { writer, losses, take, texts } = setUp({ messages: 2, isOpen: false });
  const added = ['a', 'b', 'c', 'd'].map((text) => writer.add(text) !== undefined);
  expect(added).toEqual([true, true, false, false]);
  expect(losses).toEqual([1, 1]);
  writer.open();
  await take();
  void writer.add('e');
  await take();
  expect(texts()).toEqual(['a', 'b', LOST, 'e']);
});

it('drops what is too old, and leaves a mark', async () => {
  const { writer, losses, take, texts } = setUp({ maxAgeMs: -1, isOpen: false });
  const added = [writer.add('a'), writer.add('b')];
  writer.open();
  for (const each of added) await expect(each).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(losses).toEqual([2]);
  await take();
  expect(texts()).toEqual([LOST]);
});

it('gives up', async () => {
  const { writer } = setUp({ messages: 2, isOpen: false });
  const added = ['a', 'b', 'c'].map((text) => writer.add(text));
  expect(writer.abandon()).toBe(2);
  for (const each of added.slice(0, 2)) await expect(each).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(added[2]).toBeUndefined();
  expect(writer.abandon()).toBe(0);
  await writer.whenWritten();
});

it('gets every message into the log once and in order, whatever happens on the way', async () => {
  const steps = fc.array(fc.constantFrom('add', 'take', 'take unanswered', 'lose'), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { writer, underway, take, texts } = setUp();
      const expected: string[] = [];
      for (const step of sequence) {
        if (step === 'add') {
          expected.push(`m${expected.length}`);
          void writer.add(expected.at(-1)!);
        } else if (step === 'take') await take();
        else {
          // It may have got there or not; the answer did not come back.
          if (step === 'take unanswered') await take(false);
          for (const { reject } of underway.splice(0)) reject(new Error('lost'));
          writer.goAway();
          writer.open();
        }
      }
      while (underway.length > 0) await take();
      expect(texts()).toEqual(expected);
    }),
  );
});
