import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask } from '../../src/core/masking.ts';
import { copyUnmasked, plainPayloadMemory } from '../../src/core/payload-memory.ts';

const key = fc.nat(0xffffffff);

describe('plainPayloadMemory', () => {
  it('takes a part of a chunk, unmasked, into memory of its own', () => {
    const memory = plainPayloadMemory((length) => new Uint8Array(length));
    const chunk = new Uint8Array([9, 1, 2, 3, 9]);
    const bytes = memory.takeUnmasked(chunk, 1, 4, 0xff00ff00);
    expect([...bytes]).toEqual([0xfe, 2, 0xfc]);
    chunk.fill(0);
    expect([...bytes]).toEqual([0xfe, 2, 0xfc]);
  });
});

describe('copyUnmasked', () => {
  it('copies what applyMask makes, from any offset to any offset, and touches nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(9), fc.nat(9), key, (payload, from, to, key) => {
        const source = new Uint8Array(from + payload.length + 9).fill(0x55);
        source.set(payload, from);
        const target = new Uint8Array(to + payload.length + 9).fill(0xaa);
        const [sourceView, targetView] = [new DataView(source.buffer), new DataView(target.buffer)];
        copyUnmasked(sourceView, from, from + payload.length, key, targetView, to);

        const expected = new Uint8Array(target.length).fill(0xaa);
        expected.set(payload, to);
        applyMask(expected, to, to + payload.length, key, 0);
        expect(target).toEqual(expected);
        expect(source.subarray(from, from + payload.length)).toEqual(payload);
      }),
      { numRuns: 500 },
    );
  });
});
