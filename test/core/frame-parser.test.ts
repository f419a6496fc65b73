import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameParser } from '../../src/core/frame-parser.ts';
import { serializeFrame } from '../../src/core/frame-serializer.ts';
import { hex } from './recorder.ts';

const rules = { masked: true, rsv1: true, fragmented: false, payloadLimit: 1 << 20 };

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
      if (!parser.inFrame) position = parser.readHeader(chunk, position);
      if (!parser.inFrame) break;
      const end = parser.readPayload(chunk, position);
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

it('does not touch bytes behind the frame', () => {
  const chunk = new Uint8Array([0x82, 0x81, 1, 2, 3, 4, 0, 0xaa, 0xbb]);
  const parser = new FrameParser(rules);
  const end = parser.readPayload(chunk, parser.readHeader(chunk, 0));
  expect(hex(chunk.subarray(end - 1))).toBe('01aabb');
});
