import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBatch } from '../../src/core/frame-batch.ts';
import { serializeFrame } from '../../src/core/index.ts';
import type { SendCallback } from '../../src/core/message-payload.ts';
import { collect } from '../memory-in-use.ts';
import { bytes, hex } from './recorder.ts';

const BLOCK_BYTES = 0x1_0000;

let blocks = 0;

function allocate(length: number): Uint8Array {
  blocks++;
  return new Uint8Array(length);
}

/** A batch that goes on at the beginning of a block. */
function createInNewBlock() {
  const { batch, written } = create();
  batch.appendFrame(new Uint8Array(BLOCK_BYTES), undefined);
  batch.flush();
  // It is where the block before it ends until something is added.
  batch.appendFrame(bytes('00'), undefined);
  batch.flush();
  written.length = 0;
  blocks = 0;
  return { batch, written, left: BLOCK_BYTES - 1 };
}

function create() {
  const written: Array<{ bytes: Uint8Array; callback: SendCallback | undefined }> = [];
  const batch = new FrameBatch(allocate, {
    write: (frames, callback) => written.push({ bytes: frames, callback }),
  });
  return { batch, written };
}

describe('FrameBatch', () => {
  it('hands over frames that were added one after the other as one piece', () => {
    const { batch, written } = create();
    batch.append(0x81, bytes('61'), undefined, undefined);
    batch.append(0x82, bytes(''), 0x01020304, undefined);
    batch.appendHeader(0x82, 70_000);
    expect(batch.length).toBe(3 + 6 + 10);
    batch.flush();
    expect(written.map((piece) => hex(piece.bytes))).toEqual([
      '810161' + '828001020304' + '827f0000000000011170',
    ]);
    expect(batch.length).toBe(0);
    batch.flush();
    expect(written).toHaveLength(1);
  });

  it('leaves alone what another batch has added behind it, also where its own memory is free again', () => {
    const out: string[] = [];
    const createFree = (): FrameBatch =>
      new FrameBatch(allocate, {
        write: (frames) => {
          out.push(hex(frames));
          return true;
        },
      });
    const [one, other] = [createFree(), createFree()];
    one.append(0x81, bytes('61'), undefined, undefined);
    other.append(0x81, bytes('62'), undefined, undefined);
    one.flush();
    one.append(0x82, new Uint8Array(100), undefined, undefined);
    other.flush();
    expect(out).toEqual(['810161', '810162']);
  });

  it('leaves alone what it has handed over', () => {
    const { batch, written } = create();
    batch.append(0x81, bytes('61'), undefined, undefined);
    batch.flush();
    batch.append(0x81, bytes('62'), undefined, undefined);
    batch.flush();
    expect(written.map((piece) => hex(piece.bytes))).toEqual(['810161', '810162']);
  });

  it('writes again into memory that is free', () => {
    const written: Uint8Array[] = [];
    const batch = new FrameBatch(allocate, {
      write: (frames) => {
        written.push(frames);
        return true;
      },
    });
    for (const text of ['61', '62']) {
      batch.append(0x81, bytes(text), undefined, undefined);
      batch.flush();
      expect(hex(written.at(-1)!)).toBe(`8101${text}`);
    }
    expect(written[1]!.byteOffset).toBe(written[0]!.byteOffset);
    expect(written[1]!.buffer).toBe(written[0]!.buffer);
  });

  it('leaves alone what another has added behind what was written', () => {
    const other = create();
    const written: string[] = [];
    const batch = new FrameBatch(allocate, {
      write: (frames) => {
        written.push(hex(frames));
        other.batch.append(0x81, bytes('ff'), undefined, undefined);
        return true;
      },
    });
    for (const text of ['61', '62']) {
      batch.append(0x81, bytes(text), undefined, undefined);
      batch.flush();
    }
    other.batch.flush();
    expect(written).toEqual(['810161', '810162']);
    expect(other.written.map((piece) => hex(piece.bytes))).toEqual(['8101ff8101ff']);
  });

  it('keeps the frames of several batches apart, and each in its order', () => {
    const [one, other] = [create(), create()];
    one.batch.append(0x81, bytes('61'), undefined, undefined);
    other.batch.append(0x81, bytes('62'), undefined, undefined);
    one.batch.append(0x81, bytes('63'), undefined, undefined);
    other.batch.flush();
    one.batch.flush();
    expect(one.written.map((piece) => hex(piece.bytes))).toEqual(['810161810163']);
    expect(other.written.map((piece) => hex(piece.bytes)).join('')).toBe('810162');
  });

  it('hands over a long batch by itself when it can not go on where it is', () => {
    const { batch, written } = create();
    const frame = new Uint8Array(4000);
    for (let i = 0; i < 40; i++) batch.append(0x82, frame, undefined, undefined);
    expect(written.length).toBeGreaterThan(0);
    batch.flush();
    const lengths = written.map((piece) => piece.bytes.length);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(40 * 4004);
  });

  it.each<[string, number, (batch: FrameBatch) => void]>([
    ['a frame', 1004, (batch) => batch.append(0x82, new Uint8Array(1000), undefined, undefined)],
    ['a masked frame', 1008, (batch) => batch.append(0x82, new Uint8Array(1000), 1, undefined)],
    ['a serialized frame', 1002, (batch) => batch.appendFrame(new Uint8Array(1002), undefined)],
    ['a header', 4, (batch) => batch.appendHeader(0x82, 1000)],
  ])('fills a block to the last byte with %s', (_name, length, add) => {
    for (const missing of [0, 1]) {
      const { batch, written, left } = createInNewBlock();
      batch.appendFrame(new Uint8Array(left - length + missing), undefined);
      add(batch);
      batch.flush();
      expect(blocks).toBe(missing);
      expect(written.map((piece) => piece.bytes.length)).toEqual(
        missing ? [left - length + 1, length] : [left],
      );
    }
  });

  it.each([
    [0x4000, [0x4000 + 5]],
    [0x4001, [0x4001, 5]],
  ])('takes %i bytes along, or not, when another was there meanwhile', (length, lengths) => {
    const { batch, written } = createInNewBlock();
    const other = create();
    batch.appendFrame(new Uint8Array(length).fill(1), undefined);
    other.batch.appendFrame(bytes('02'), undefined);
    batch.appendFrame(new Uint8Array(5).fill(3), undefined);
    batch.flush();
    other.batch.flush();
    expect(blocks).toBe(0);
    expect(written.map((piece) => piece.bytes.length)).toEqual(lengths);
    expect(hex(Buffer.concat(written.map((piece) => piece.bytes)))).toBe(
      '01'.repeat(length) + '03'.repeat(5),
    );
    expect(other.written.map((piece) => hex(piece.bytes))).toEqual(['02']);
  });

  it('moves to a new block only when there is no room for what it has and gets', () => {
    for (const missing of [0, 1]) {
      const { batch, written, left } = createInNewBlock();
      batch.appendFrame(new Uint8Array(10).fill(1), undefined);
      create().batch.appendFrame(new Uint8Array(left - 10 - 15 + missing), undefined);
      batch.appendFrame(new Uint8Array(5).fill(3), undefined);
      batch.flush();
      expect(blocks).toBe(missing);
      expect(written.map((piece) => hex(piece.bytes))).toEqual(['01'.repeat(10) + '03'.repeat(5)]);
    }
  });

  it('moves ever less often where others write in between', () => {
    blocks = 0;
    const batches = Array.from({ length: 100 }, create);
    const frame = new Uint8Array(200);
    for (let i = 0; i < 64; i++) for (const { batch } of batches) batch.appendFrame(frame, undefined);
    for (const { batch } of batches) batch.flush();
    const pieces = batches.flatMap(({ written }) => written.map((piece) => piece.bytes.length));
    expect(pieces).toEqual(batches.map(() => 64 * 200));
    // Twice what there is, and half of that again and again for the places before.
    expect(blocks * BLOCK_BYTES).toBeLessThan(4 * 100 * 64 * 200);
  });

  it('knows its place from one that ends as far on in another block', () => {
    const filler = create();
    filler.batch.appendFrame(new Uint8Array(BLOCK_BYTES), undefined);
    const free = new FrameBatch(allocate, { write: () => true });
    const [grows, behind, elsewhere, late] = [create(), create(), create(), create()];
    // Each second one is in a block of its own.
    free.appendFrame(new Uint8Array(40_000), undefined);
    elsewhere.batch.appendFrame(new Uint8Array(40_000).fill(1), undefined);
    free.flush();
    late.batch.appendFrame(bytes('02'), undefined);
    elsewhere.batch.flush();
    expect(hex(elsewhere.written[0]!.bytes)).toBe('01'.repeat(40_000));

    filler.batch.appendFrame(new Uint8Array(BLOCK_BYTES), undefined);
    grows.batch.appendFrame(new Uint8Array(26_000), undefined);
    behind.batch.appendFrame(new Uint8Array(26_000).fill(3), undefined);
    elsewhere.batch.appendFrame(new Uint8Array(26_000), undefined);
    grows.batch.appendFrame(bytes('04'), undefined);
    behind.batch.flush();
    expect(hex(behind.written[0]!.bytes)).toBe('03'.repeat(26_000));
  });

  it('holds no block when it is empty', async () => {
    const refs: WeakRef<Uint8Array>[] = [];
    const batches = Array.from({ length: 20 }, () => {
      const allocateWatched = (length: number): Uint8Array => {
        const block = allocate(length);
        refs.push(new WeakRef(block));
        return block;
      };
      const batch = new FrameBatch(allocateWatched, { write: () => false });
      batch.appendFrame(new Uint8Array(BLOCK_BYTES), undefined);
      batch.flush();
      return batch;
    });
    // A WeakRef holds what it was asked for until the turn is over.
    await new Promise(setImmediate);
    collect();
    // The last one is in use.
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(3);
    expect(batches.map(({ length }) => length)).toEqual(batches.map(() => 0));
  });

  it('leaves alone what it is given while it writes', () => {
    const written: string[] = [];
    const batch = new FrameBatch(allocate, {
      write: (frames) => {
        written.push(hex(frames));
        if (written.length === 1) batch.appendFrame(bytes('02'), undefined);
        return true;
      },
    });
    batch.appendFrame(bytes('01'), undefined);
    batch.flush();
    expect(batch.length).toBe(1);
    batch.appendFrame(bytes('03'), undefined);
    batch.flush();
    expect(written).toEqual(['01', '0203']);
  });

  it('hands over a single callback as it is, and none where there is none', () => {
    const { batch, written } = create();
    const callback = (): void => {};
    batch.appendFrame(bytes('01'), undefined);
    batch.flush();
    batch.appendFrame(bytes('01'), undefined);
    batch.appendFrame(bytes('02'), callback);
    batch.flush();
    expect(written.map((piece) => piece.callback)).toEqual([undefined, callback]);
    expect(written[1]!.callback).toBe(callback);
  });

  it('calls back for each frame, in order, also when a callback throws', () => {
    const { batch, written } = create();
    const log: unknown[] = [];
    batch.append(0x81, bytes('61'), undefined, (...args) => log.push(['first', ...args]));
    batch.append(0x81, bytes('62'), undefined, () => {
      throw new Error('of the application');
    });
    batch.append(0x81, bytes('63'), undefined, (...args) => log.push(['third', ...args]));
    batch.flush();
    expect(() => written[0]!.callback!()).toThrow('of the application');
    expect(log).toEqual([['first'], ['third']]);
    batch.append(0x81, bytes('64'), undefined, (...args) => log.push(args));
    batch.append(0x81, bytes('65'), undefined, (...args) => log.push(args));
    batch.flush();
    const error = new Error('gone');
    written[1]!.callback!(error);
    expect(log.slice(2)).toEqual([[error], [error]]);
  });

  it('writes what serializeFrame does, whatever the lengths and however often it is flushed', () => {
    const frame = fc.record({
      firstByte: fc.constantFrom(0x81, 0x82, 0x02, 0x89),
      payload: fc.uint8Array({ maxLength: 4096, size: 'max' }),
      key: fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: undefined }),
      flush: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 60 }), (frames) => {
        const { batch, written } = create();
        for (const { firstByte, payload, key, flush } of frames) {
          batch.append(firstByte, payload, key, undefined);
          if (flush) batch.flush();
        }
        batch.flush();
        const expected = frames.map(({ firstByte, payload, key }) =>
          serializeFrame(firstByte, payload, key, allocate),
        );
        expect(Buffer.concat(written.map((piece) => piece.bytes))).toEqual(Buffer.concat(expected));
      }),
      { numRuns: 50 },
    );
  });
});
