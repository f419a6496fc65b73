import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  continuesMessage,
  isData,
  QUEUED_FRAME_COST_BYTES,
  type QueuedFrame,
  SendQueue,
} from '../../src/core/send-queue.ts';
import { memoryInUse } from '../memory-in-use.ts';

/** What a million places take. */
const MILLION_PLACES_BYTES = 8_000_000;

interface Sent extends QueuedFrame {
  /** Which message it is of; `undefined` for control frames. */
  readonly message: number | undefined;
  readonly fin: boolean;
}

function frame(firstByte: number | undefined, length = 1, message?: number): Sent {
  const payload = new Uint8Array(length).fill(0x81);
  const fin = ((firstByte ?? 0x80) & 0x80) !== 0;
  return { firstByte, payload, mask: false, compress: false, callback: undefined, message, fin };
}

function filled(...firstBytes: number[]): { queue: SendQueue; frames: Sent[] } {
  const queue = new SendQueue();
  const frames = firstBytes.map((firstByte) => frame(firstByte));
  for (const each of frames) queue.push(each);
  return { queue, frames };
}

/** The slow twin: takes the oldest whole message out of a list. */
function dropOldest(frames: Sent[], begun: boolean): Sent[] {
  const from = begun ? 1 : 0;
  const messages = new Set(
    frames.slice(from).flatMap(({ message }) => (message === undefined ? [] : [message])),
  );
  for (const message of messages) {
    const of = frames.filter((each) => each.message === message);
    const isWhole = (of[0]!.firstByte! & 0x0f) !== 0 && of.at(-1)!.fin && frames.indexOf(of[0]!) >= from;
    if (!isWhole) continue;
    for (const each of of) frames.splice(frames.indexOf(each), 1);
    return of;
  }
  return [];
}

describe('SendQueue', () => {
  it('gives back in order what was put in', () => {
    const { queue, frames } = filled(0x81, 0x82, 0x89);
    expect([queue.length, queue.payloadBytes, queue.first]).toEqual([3, 3, frames[0]]);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(frames);
    expect([queue.length, queue.payloadBytes, queue.first]).toEqual([0, 0, undefined]);
  });

  it('is as good as new when it was cleared', () => {
    const { queue, frames } = filled(0x81, 0x82);
    queue.shift();
    expect(queue.clear()).toEqual([frames[1]]);
    expect([queue.length, queue.payloadBytes, queue.first]).toEqual([0, 0, undefined]);
    queue.push(frames[0]!);
    expect([queue.length, queue.payloadBytes, queue.first]).toEqual([1, 1, frames[0]]);
  });

  it('has room for one message of any length, and counts what frames cost', () => {
    const { queue } = filled();
    expect(queue.hasRoomFor(frame(0x82, 1000), 1)).toBe(true);
    queue.push(frame(0x82, 10));
    const limit = 10 + 5 + 2 * QUEUED_FRAME_COST_BYTES;
    expect(queue.hasRoomFor(frame(0x82, 5), limit)).toBe(true);
    expect(queue.hasRoomFor(frame(0x82, 6), limit)).toBe(false);
  });

  it('drops a message with all its fragments, and leaves the pings between them', () => {
    const { queue, frames } = filled(0x89, 0x02, 0x89, 0x80, 0x81);
    expect(queue.dropOldest(false)).toEqual([frames[1], frames[3]]);
    expect([queue.length, queue.payloadBytes]).toEqual([3, 3]);
    expect(queue.clear()).toEqual([frames[0], frames[2], frames[4]]);
  });

  it.each<[string, number[], boolean]>([
    ['a message whose first fragment has left', [0x00, 0x80], false],
    ['a message that is not whole yet', [0x02, 0x00], false],
    ['a message that is being prepared', [0x82], true],
    ['control frames', [0x89, 0x88], false],
    ['nothing', [], false],
  ])('does not drop %s', (_name, firstBytes, begun) => {
    const { queue, frames } = filled(...firstBytes);
    expect(queue.dropOldest(begun)).toEqual([]);
    expect(queue.clear()).toEqual(frames);
  });

  it('knows frames that were serialized before by their first byte', () => {
    const queue = new SendQueue();
    const serialized = frame(undefined, 3);
    queue.push(serialized);
    expect([isData(serialized), continuesMessage(serialized)]).toEqual([true, false]);
    expect(queue.dropOldest(false)).toEqual([serialized]);
  });

  it('does what a list does, over any sequence', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('message' as const), fin: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('ping' as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const), begun: fc.boolean() }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new SendQueue();
        const model: Sent[] = [];
        let message = 0;
        let open = false;
        for (const each of steps) {
          if (each.do === 'shift') {
            if (model.length > 0) expect(queue.shift()).toBe(model.shift());
          } else if (each.do === 'drop') {
            const begun = each.begun && model.length > 0;
            expect(queue.dropOldest(begun)).toEqual(dropOldest(model, begun));
          } else {
            const opcode = each.do === 'ping' ? 0x89 : (each.fin ? 0x80 : 0) | (open ? 0 : 2);
            const added = frame(opcode, 3, each.do === 'ping' ? undefined : message);
            queue.push(added);
            model.push(added);
            if (each.do === 'message') open = !each.fin;
            if (each.do === 'message' && each.fin) message++;
          }
          expect(queue.length).toBe(model.length);
          expect(queue.payloadBytes).toBe(model.length * 3);
          expect(queue.first).toBe(model[0]);
        }
        expect(queue.clear()).toEqual(model);
      }),
    );
  });

  it('keeps the order over many', () => {
    const queue = new SendQueue();
    const got: unknown[] = [];
    for (let i = 0; i < 1000; i++) queue.push(frame(0x82, 0, i));
    for (let i = 0; i < 500; i++) got.push((queue.shift() as Sent).message);
    for (let i = 1000; i < 1100; i++) queue.push(frame(0x82, 0, i));
    while (queue.length > 0) got.push((queue.shift() as Sent).message);
    expect(got).toEqual(Array.from({ length: 1100 }, (_, i) => i));
  });
});

it('keeps no places of what is gone, though it never is empty', async () => {
  const { queue } = filled(0x81);
  const next = frame(0x81);
  const before = await memoryInUse();
  for (let i = 0; i < 1_000_000; i++) {
    queue.push(next);
    queue.shift();
  }
  expect((await memoryInUse()) - before).toBeLessThan(MILLION_PLACES_BYTES / 4);
  expect(queue.length).toBe(1);
});

describe('drop', () => {
  const withCallback = (firstByte: number) => ({ ...frame(firstByte), callback: () => {} });

  it('takes out the message with the callback, wherever it is', () => {
    const queue = new SendQueue();
    const frames = [0x81, 0x82, 0x81].map(withCallback);
    for (const each of frames) queue.push(each);
    expect(queue.drop(frames[1]!.callback)).toBe(true);
    expect([queue.payloadBytes, queue.shift(), queue.shift(), queue.first]).toEqual([
      2,
      frames[0],
      frames[2],
      undefined,
    ]);
  });

  it.each([
    ['a fragment that begins a message', 0x01],
    ['one that ends it', 0x80],
    ['a control frame', 0x89],
  ])('leaves %s', (_name, firstByte) => {
    const queue = new SendQueue();
    const only = withCallback(firstByte);
    queue.push(only);
    expect([queue.drop(only.callback), queue.drop(() => {}), queue.length]).toEqual([false, false, 1]);
  });
});
