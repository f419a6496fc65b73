import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameParser } from '../../src/core/frame-parser.ts';
import { serializeFrame } from '../../src/core/frame-serializer.ts';
import { applyMask } from '../../src/core/masking.ts';
import { hex } from './recorder.ts';

const rules = { masked: true, rsv1: true, fragmented: false, payloadLimit: () => 1 << 20 };

interface Frame {
  firstByte: number;
  payload: string;
}

function parseAll(parser: FrameParser, chunks: Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  let payload = '';
  for (const chunk of chunks) {
    let position = 0;
    for (;;) {
      if (!parser.inFrame) position = parser.readHeader(chunk, position, chunk.length);
      if (!parser.inFrame) break;
      const { key } = parser;
      const end = parser.passPayload(position, chunk.length);
      applyMask(chunk, position, end, key, 0);
      payload += hex(chunk.subarray(position, end));
      position = end;
      if (parser.remaining > 0) break;
      parser.endFrame();
      const { fin, rsv1, opcode } = parser.header;
      frames.push({ firstByte: (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode, payload });
      payload = '';
    }
  }
  return frames;
}

const frame = fc
  .record({
    firstByte: fc.constantFrom(0x81, 0x82, 0xc1, 0x01, 0x88, 0x89, 0x8a),
    payload: fc.uint8Array({ maxLength: 125 }),
    key: fc.nat(0xffffffff),
  })
  // A Close frame has no payload of one byte (RFC 6455 §5.5.1).
  .filter(({ firstByte, payload }) => firstByte !== 0x88 || payload.length !== 1);

it('finds the frames that were serialized, in any chunking', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (frames, cuts) => {
        const stream = Buffer.concat(
          frames.map(({ firstByte, payload, key }) =>
            serializeFrame(firstByte, payload, key, (length) => new Uint8Array(length)),
          ),
        );
        const chunks: Uint8Array[] = [];
        let position = 0;
        for (const cut of [...cuts, stream.length]) {
          chunks.push(Uint8Array.prototype.slice.call(stream, position, position + cut));
          position += cut;
        }
        expect(parseAll(new FrameParser(rules), chunks)).toEqual(
          frames.map(({ firstByte, payload }) => ({ firstByte, payload: hex(payload) })),
        );
      },
    ),
    { numRuns: 500 },
  );
});

it('takes nothing behind the end that it is given', () => {
  const parser = new FrameParser(rules);
  const stream = new Uint8Array([0x82, 0x82, 1, 2, 3, 4, 0, 0, 0xaa]);
  expect(parser.readHeader(stream, 0, 3)).toBe(3);
  expect(parser.inFrame).toBe(false);
  expect(parser.readHeader(stream, 3, 7)).toBe(6);
  expect(parser.key).toBe(0x01020304);
  expect(parser.passPayload(6, 7)).toBe(7);
  expect(parser.remaining).toBe(1);
  expect(parser.key).toBe(0x02030401);
  expect(parser.passPayload(7, 9)).toBe(8);
});
