import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBatch } from '../../src/core/frame-batch.ts';
import type { SendCallback } from '../../src/core/frame-sender.ts';
import { serializeFrame } from '../../src/core/index.ts';
import { bytes, hex } from './recorder.ts';

const allocate = (length: number): Uint8Array => new Uint8Array(length);

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
