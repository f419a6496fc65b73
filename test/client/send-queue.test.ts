import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Overflow, SendQueue } from '../../src/client/send-queue.ts';

interface Item {
  readonly name: number;
  readonly bytes: number;
  readonly isAwaited: boolean;
}

const item = (name: number, bytes = 1, isAwaited = false): Item => ({ name, bytes, isAwaited });
const full = (overflow: Overflow, items: Item[]) => {
  const queue = new SendQueue<Item>({ maxMessages: items.length, maxBytes: 100, overflow });
  for (const each of items) queue.add(each);
  return queue;
};
const namesIn = (queue: SendQueue<Item>) => [...queue].map(({ name }) => name);

describe('SendQueue', () => {
  it('keeps the order', () => {
    const queue = full('reject', [item(1), item(2), item(3)]);
    expect(namesIn(queue)).toEqual([1, 2, 3]);
    expect([queue.size, queue.bytes]).toEqual([3, 3]);
  });

  it('refuses what is too much', () => {
    const queue = full('reject', [item(1)]);
    expect(() => queue.add(item(2))).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
    expect(namesIn(queue)).toEqual([1]);
  });

  it('drops the newest, which is the message itself', () => {
    const queue = full('drop-newest', [item(1), item(2)]);
    expect(queue.add(item(3)).map(({ name }) => name)).toEqual([3]);
    expect(namesIn(queue)).toEqual([1, 2]);
  });

  it('drops as many of the oldest as it has to', () => {
    const queue = full('drop-oldest', [item(1, 40), item(2, 40), item(3, 20)]);
    expect(queue.add(item(4, 70)).map(({ name }) => name)).toEqual([1, 2]);
    expect(namesIn(queue)).toEqual([3, 4]);
  });

  it('drops none for one that could never be held', () => {
    const queue = full('drop-oldest', [item(1)]);
    expect(queue.add(item(2, 101)).map(({ name }) => name)).toEqual([2]);
    expect(namesIn(queue)).toEqual([1]);
  });

  it('never drops what somebody waits for', () => {
    const queue = full('drop-oldest', [item(1, 1, true)]);
    expect(queue.add(item(2)).map(({ name }) => name)).toEqual([2]);
    expect(() => queue.add(item(3, 1, true))).toThrow(DOMException);
    expect(() => full('drop-newest', [item(1)]).add(item(2, 1, true))).toThrow(DOMException);
  });

  it('lets go of messages while they are read', () => {
    const queue = full('reject', [item(1), item(2), item(3)]);
    for (const each of queue) queue.delete(each);
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
    queue.delete(item(1));
    expect(queue.bytes).toBe(0);
  });

  it('is empty when it is cleared', () => {
    const queue = full('reject', [item(1, 5)]);
    queue.clear();
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
  });

  it('holds its bounds, counts right, and says of each message what became of it', () => {
    const items = fc.array(fc.tuple(fc.nat(60), fc.boolean()));
    const overflow = fc.constantFrom<Overflow>('reject', 'drop-oldest', 'drop-newest');
    fc.assert(
      fc.property(items, overflow, (sizes, policy) => {
        const queue = new SendQueue<Item>({ maxMessages: 5, maxBytes: 100, overflow: policy });
        const gone = new Set<number>();
        sizes.forEach(([bytes, isAwaited], name) => {
          try {
            for (const dropped of queue.add(item(name, bytes, isAwaited))) {
              expect(dropped.isAwaited).toBe(false);
              gone.add(dropped.name);
            }
          } catch {
            gone.add(name);
          }
          expect(queue.size).toBeLessThanOrEqual(5);
          expect(queue.bytes).toBeLessThanOrEqual(100);
        });
        const kept = namesIn(queue);
        expect(kept).toEqual(sizes.map((_, name) => name).filter((name) => !gone.has(name)));
        expect(queue.bytes).toBe(kept.reduce((sum, name) => sum + sizes[name]![0], 0));
      }),
    );
  });
});
