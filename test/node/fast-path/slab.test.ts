import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyMask } from '../../../src/core/index.ts';

type Slab = typeof import('../../../src/node/fast-path/slab.ts');

describe.each(['with WebAssembly', 'without WebAssembly'])('unmask, %s', (platform) => {
  let slab: Slab;

  beforeEach(async () => {
    vi.resetModules();
    if (platform === 'without WebAssembly') vi.stubGlobal('WebAssembly', undefined);
    slab = await import('../../../src/node/fast-path/slab.ts');
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('does in the slab what applyMask does, at any offset, length and phase, and nothing beside it', () => {
    const bytes = slab.slabBytes();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400, size: 'max' }),
        fc.nat(70),
        fc.nat(0xffffffff),
        fc.nat(7),
        (payload, start, key, phase) => {
          const end = start + payload.length;
          bytes.fill(0xaa, 0, end + 70);
          bytes.set(payload, start);
          const expected = bytes.slice(0, end + 70);
          applyMask(expected, start, end, key, phase);
          slab.unmask(bytes, start, end, key, phase);
          expect(bytes.slice(0, end + 70)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('unmasks the slab to its last byte', () => {
    const bytes = slab.slabBytes().fill(0);
    slab.unmask(bytes, 1, bytes.length, 0x01020304, 0);
    expect([bytes[0], bytes[1], bytes.at(-1)]).toEqual([0, 1, 3]);
  });

  it('unmasks other memory too', () => {
    slab.slabBytes();
    const bytes = new Uint8Array(200);
    slab.unmask(bytes, 0, 200, 0x01020304, 0);
    expect([...bytes.subarray(0, 5), bytes[199]]).toEqual([1, 2, 3, 4, 1, 4]);
  });

  it('is one memory for all', () => {
    expect(slab.slabBytes()).toBe(slab.slabBytes());
    expect(slab.slabBytes()).toHaveLength(65_536);
  });
});
