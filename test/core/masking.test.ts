import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask } from '../../src/core/masking.ts';

/** The definition in RFC 6455 §5.3, letter by letter. */
function maskedByDefinition(payload: Uint8Array, key: Uint8Array, phase: number): Uint8Array {
  return payload.map((octet, i) => octet ^ key[(i + phase) % 4]!);
}

function keyOf(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset).getUint32(0);
}

describe('applyMask', () => {
  it('does what RFC 6455 §5.3 says, at any offset, length and phase', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.nat(9),
        fc.nat(9),
        fc.nat(1000),
        (payload, key, before, behind, phase) => {
          const memory = new Uint8Array(before + payload.length + behind).fill(0xaa);
          memory.set(payload, before);
          applyMask(memory, before, before + payload.length, keyOf(key), phase);
          const expected = new Uint8Array(memory.length).fill(0xaa);
          expected.set(maskedByDefinition(payload, key, phase), before);
          expect(memory).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('works in a view that begins anywhere in its buffer', () => {
    for (let offset = 0; offset < 8; offset++) {
      const view = new Uint8Array(new ArrayBuffer(208), offset, 200);
      applyMask(view, 0, 200, 0x01020304, 0);
      expect([...view.subarray(0, 5)]).toEqual([1, 2, 3, 4, 1]);
      expect([...view.subarray(196)]).toEqual([1, 2, 3, 4]);
    }
  });

  it('undoes itself', () => {
    const bytes = new TextEncoder().encode('masked twice is not masked');
    const before = bytes.slice();
    applyMask(bytes, 0, bytes.length, 0xdeadbeef, 0);
    expect(bytes).not.toEqual(before);
    applyMask(bytes, 0, bytes.length, 0xdeadbeef, 0);
    expect(bytes).toEqual(before);
  });
});
