import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serializeFrame } from '../../src/core/index.ts';
import { readSentFrames } from '../../src/node/sent-frames.ts';

it('reads what was serialized, whole or cut behind its header', () => {
  const lengths = fc.oneof(fc.nat(300), fc.constantFrom(125, 126, 0xffff, 0x1_0000, 0x1_0001));
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), lengths, fc.boolean(), (isBinary, fin, length, masked) => {
      const firstByte = (fin ? 0x80 : 0) | (isBinary ? 2 : 1);
      const payload = new Uint8Array(length);
      const frame = serializeFrame(
        firstByte,
        payload,
        masked ? 1 : undefined,
        (size) => new Uint8Array(size),
      );
      const header = frame.subarray(0, frame.length - length);
      for (const parts of [[frame], [header, payload]]) {
        expect(readSentFrames(parts)).toEqual([isBinary, length, fin]);
      }
    }),
  );
});
