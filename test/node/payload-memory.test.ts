import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainPayloadMemory } from '../../src/core/payload-memory.ts';
import { slabBytes } from '../../src/node/fast-path/slab.ts';
import { allocateBuffer, bufferMemory } from '../../src/node/payload-memory.ts';

const plain = plainPayloadMemory((length) => new Uint8Array(length));

describe.each([
  ['the slab', slabBytes],
  ['a chunk', () => Buffer.alloc(5000).subarray(3)],
])('bufferMemory, of %s', (_, createChunk) => {
  it('takes what the plain way takes, as Buffers that stay as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 1200, size: 'max' }), fc.nat(9), fc.nat(0xffffffff)), {
          maxLength: 20,
        }),
        (payloads) => {
          const chunk = createChunk();
          const taken = payloads.map(([payload, start, key]) => {
            chunk.set(payload, start);
            return bufferMemory.takeUnmasked(chunk, start, start + payload.length, key);
          });
          const expected = payloads.map(([payload, , key]) =>
            plain.takeUnmasked(payload.slice(), 0, payload.length, key),
          );
          expect(taken.map((bytes) => [...bytes])).toEqual(expected.map((bytes) => [...bytes]));
          expect(taken.every((bytes) => Buffer.isBuffer(bytes) && bytes.byteOffset % 8 === 0)).toBe(true);
        },
      ),
    );
  });
});

describe('allocateBuffer', () => {
  it('shares memory for short ones alone', () => {
    expect(allocateBuffer(10).buffer.byteLength).toBeGreaterThan(10);
    expect(allocateBuffer(5000).buffer.byteLength).toBe(5000);
  });
});
