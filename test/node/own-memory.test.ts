import { expect, it } from 'vitest';
import { asBuffer, inOwnMemory, textInOwnMemory } from '../../src/node/own-memory.ts';

it('copies bytes into memory that holds nothing else', () => {
  const shared = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const copy = inOwnMemory(shared);
  expect([[...copy], copy.buffer.byteLength]).toEqual([[2, 3], 2]);
  shared[0] = 9;
  expect(copy[0]).toBe(2);
});

it('views bytes as a Buffer, in the same memory', () => {
  const bytes = new Uint8Array([1, 2, 3]).subarray(1);
  const buffer = asBuffer(bytes);
  bytes[0] = 9;
  expect([...buffer]).toEqual([9, 3]);
  expect(asBuffer(buffer)).toBe(buffer);
});

it('copies Latin-1 text', () => {
  const text = 'a long text, caf\u00e9 and more'.slice(2);
  expect(textInOwnMemory(text)).toBe(text);
});
