import { expect, it } from 'vitest';
import { asBuffer } from '../../src/api/as-buffer.ts';

it('returns Buffers as they are, and others in the same memory', () => {
  const buffer = Buffer.from('abc');
  expect(asBuffer(buffer)).toBe(buffer);
  const bytes = new Uint8Array([0, 97, 98, 0]).subarray(1, 3);
  const viewed = asBuffer(bytes);
  expect([Buffer.isBuffer(viewed), String(viewed)]).toEqual([true, 'ab']);
  bytes[0] = 99;
  expect(String(viewed)).toBe('cb');
});
