import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask } from '../../src/core/masking.ts';
import { PayloadBuffer } from '../../src/core/payload-buffer.ts';
import { plainPayloadMemory } from '../../src/core/payload-memory.ts';

function recorded(): { buffer: PayloadBuffer; allocations: number[] } {
  const allocations: number[] = [];
  const buffer = new PayloadBuffer(
    plainPayloadMemory((length) => {
      allocations.push(length);
      return new Uint8Array(length);
    }),
  );
  return { buffer, allocations };
}

describe('PayloadBuffer', () => {
  it('gives back what came in pieces, in memory of its own', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 90 }), fc.nat(1000), fc.boolean(), fc.nat(0xffffffff)), {
          maxLength: 12,
        }),
        (pieces) => {
          const { buffer } = recorded();
          for (const [bytes, promised, more, key] of pieces) {
            const source = new Uint8Array([1, ...bytes, 1]);
            applyMask(source, 1, 1 + bytes.length, key, 0);
            buffer.append(source, 1, 1 + bytes.length, key, promised, more);
            source.fill(0xee);
          }
          const expected = pieces.flatMap(([bytes]) => [...bytes]);
          expect(buffer.length).toBe(expected.length);
          expect([...buffer.take()]).toEqual(expected);
          expect(buffer.length).toBe(0);
        },
      ),
    );
  });

  it('allocates once, exactly, for a frame that comes whole', () => {
    const { buffer, allocations } = recorded();
    buffer.append(new Uint8Array(1000), 0, 1000, 0, 0, false);
    expect(buffer.take()).toHaveLength(1000);
    expect(allocations).toEqual([1000]);
  });

  it('never believes a header: 1 byte of a promised 100 MiB costs 4', () => {
    const { buffer, allocations } = recorded();
    buffer.append(new Uint8Array(1), 0, 1, 0, 100 * 1024 * 1024, false);
    expect(allocations).toEqual([4]);
  });

  it('ends exactly full when the frame keeps its promise', () => {
    const { buffer, allocations } = recorded();
    const chunk = new Uint8Array(1000);
    for (let left = 9000; left >= 0; left -= 1000) buffer.append(chunk, 0, 1000, 0, left, false);
    expect(buffer.take()).toHaveLength(10_000);
    expect(allocations).toEqual([4000, 10_000]);
  });

  it('stays linear for a million fragments of one byte', () => {
    const { buffer, allocations } = recorded();
    const byte = new Uint8Array(1);
    for (let i = 0; i < 1_000_000; i++) buffer.append(byte, 0, 1, 0, 0, true);
    expect(buffer.take()).toHaveLength(1_000_000);
    expect(allocations.reduce((sum, length) => sum + length, 0)).toBeLessThan(6_000_000);
  });

  it('does not keep much more memory alive than the payload needs', () => {
    const { buffer } = recorded();
    buffer.append(new Uint8Array(600), 0, 600, 0, 0, true);
    buffer.append(new Uint8Array(10), 0, 10, 0, 0, true);
    expect(buffer.take().buffer.byteLength).toBe(610);
    buffer.append(new Uint8Array(100), 0, 100, 0, 10, true);
    expect(buffer.take().buffer.byteLength).toBe(110);
  });

  it('gives an empty payload of its own', () => {
    expect(recorded().buffer.take()).toHaveLength(0);
  });
});
