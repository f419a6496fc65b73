import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMask } from '../../src/core/masking.ts';
import { PayloadBuffer } from '../../src/core/payload-buffer.ts';
import { type PayloadMemory, plainPayloadMemory } from '../../src/core/payload-memory.ts';

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

  it('keeps what is short of an eighth too long as it is', () => {
    const { buffer, allocations } = recorded();
    buffer.append(new Uint8Array(800), 0, 800, 0, 100, false);
    expect(buffer.take().buffer.byteLength).toBe(900);
    buffer.append(new Uint8Array(800), 0, 800, 0, 101, false);
    expect(buffer.take().buffer.byteLength).toBe(800);
    expect(allocations).toEqual([900, 901, 800]);
  });

  it('has a payload that comes whole taken and unmasked in one go, and others unmasked where they are', () => {
    const calls: unknown[][] = [];
    const memory: PayloadMemory = {
      ...plainPayloadMemory((length) => new Uint8Array(length)),
      takeUnmasked: (...args) => {
        calls.push(['takeUnmasked', ...args.slice(1)]);
        return whole;
      },
      unmask: (...args) => calls.push(['unmask', ...args.slice(1)]),
    };
    const whole = Uint8Array.of(2, 3, 4);
    const source = Uint8Array.of(1, 2, 3, 4, 5);
    const buffer = new PayloadBuffer(memory);
    buffer.append(source, 1, 4, 7, 0, false);
    expect([buffer.length, buffer.take()]).toEqual([3, whole]);
    buffer.append(source, 1, 4, 7, 0, true);
    buffer.append(source, 0, 1, 0, 0, true);
    buffer.append(source, 4, 5, 8, 1, false);
    expect([...buffer.take()]).toEqual([2, 3, 4, 1, 5]);
    expect(calls).toEqual([
      ['takeUnmasked', 1, 4, 7],
      ['unmask', 1, 4, 7, 0],
      ['unmask', 4, 5, 8, 0],
    ]);
  });

  it('gives the memory itself when it is full', () => {
    const given: Uint8Array[] = [];
    const buffer = new PayloadBuffer(
      plainPayloadMemory((length) => {
        given.push(new Uint8Array(length));
        return given.at(-1)!;
      }),
    );
    buffer.append(new Uint8Array(5), 0, 5, 0, 5, false);
    buffer.append(new Uint8Array(5), 0, 5, 0, 0, false);
    expect(buffer.take()).toBe(given[0]);
  });

  it('gives an empty payload of its own', () => {
    expect(recorded().buffer.take()).toHaveLength(0);
  });
});
