import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxDeflatedBytes } from '../../src/core/compression.ts';
import { FrameReader } from '../../src/core/frame-reader.ts';
import { serializeFrame } from '../../src/core/frame-serializer.ts';
import { isControlOpcode } from '../../src/core/opcode.ts';
import { bytes, hex } from './recorder.ts';

const allocate = (length: number) => new Uint8Array(length);
const options = { maxPayload: 1 << 20, checkUtf8: true, allocate };

/** Feeds chunks, and returns each whole frame as what it is and what it leaves. */
function readAll(reader: FrameReader, chunks: readonly Uint8Array[]): string[] {
  const frames: string[] = [];
  for (const chunk of chunks) {
    let position = 0;
    for (;;) {
      position = reader.read(chunk, position, chunk.length);
      if (!reader.frameIsWhole) break;
      const { fin, opcode } = reader.header;
      if (isControlOpcode(opcode)) frames.push(`${opcode} ${hex(reader.takeControl())}`);
      else if (fin) frames.push(`${opcode} ${hex(reader.assembler.finish())}`);
      else {
        frames.push(`${opcode} ...`);
        reader.assembler.endFragment();
      }
    }
  }
  return frames;
}

describe('FrameReader', () => {
  it('reads the same whether frames come whole or in pieces', () => {
    const message = fc.record({
      opcode: fc.constantFrom(0x82, 0x89, 0x8a),
      payload: fc.uint8Array({ maxLength: 125 }),
      key: fc.nat(0xffffffff),
    });
    fc.assert(
      fc.property(fc.array(message), fc.integer({ min: 1, max: 40 }), (messages, size) => {
        const stream = Buffer.concat(
          messages.map(({ opcode, payload, key }) => serializeFrame(opcode, payload, key, allocate)),
        );
        const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
          Uint8Array.from(stream.subarray(i * size, (i + 1) * size)),
        );
        const expected = messages.map(({ opcode, payload }) => `${opcode & 15} ${hex(payload)}`);
        expect(readAll(new FrameReader('server', options), [Uint8Array.from(stream)])).toEqual(expected);
        expect(readAll(new FrameReader('server', options), pieces)).toEqual(expected);
      }),
    );
  });

  it('puts fragments together, also empty ones', () => {
    const reader = new FrameReader('client', options);
    const stream = bytes('02 00 00 01 61 89 00 80 00 02 00 80 01 62');
    expect(readAll(reader, [stream])).toEqual(['2 ...', '0 ...', '9 ', '0 61', '2 ...', '0 62']);
  });

  it('notes where fragments end, also behind empty ones', () => {
    const reader = new FrameReader('client', options);
    reader.assembler.keepFragments = true;
    const chunk = bytes('02 00 80 01 62');
    reader.read(chunk, reader.read(chunk, 0, chunk.length), chunk.length);
    expect(reader.assembler.fragmentEnds).toBeUndefined();
    reader.assembler.endFragment();
    expect(reader.assembler.fragmentEnds).toEqual([1]);
  });

  it('has room for what deflate makes longer in compressed messages, and in no others', () => {
    const compression = { worthwhile: () => true, compress: () => {}, inflate: () => {} };
    const isAccepted = (before: string, length: number): boolean => {
      const reader = new FrameReader('client', { ...options, maxPayload: 100, compression });
      const header = bytes(`${before} 7e ${length.toString(16).padStart(4, '0')}`);
      try {
        readAll(reader, [header]);
        return true;
      } catch {
        return false;
      }
    };
    const most = maxDeflatedBytes(100);
    for (const compressed of ['c2', '42 00 80']) {
      expect([most, most + 1].map((length) => isAccepted(compressed, length))).toEqual([true, false]);
    }
    for (const plain of ['82', '02 00 80', '42 00 80 00 82']) expect(isAccepted(plain, most)).toBe(false);
  });

  it('counts the chunks of a frame that is not whole', () => {
    const reader = new FrameReader('client', options);
    const counts = ['82', '03', '01', '02', '03', '82 02 01', '02'].map((chunk) => {
      readAll(reader, [bytes(chunk)]);
      return reader.chunksOfFrame;
    });
    expect(counts).toEqual([0, 0, 1, 2, 0, 1, 0]);
  });

  it('refuses more fragments than are allowed', () => {
    const reader = new FrameReader('client', { ...options, maxFragments: 2 });
    expect(readAll(reader, [bytes('02 00 80 00 02 00 00 00')])).toEqual(['2 ...', '0 ', '2 ...', '0 ...']);
    expect(() => readAll(reader, [bytes('00 00')])).toThrow(
      expect.objectContaining({ code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' }),
    );
  });
});
