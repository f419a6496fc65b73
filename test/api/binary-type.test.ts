import { expect, it } from 'vitest';
import { asBinaryType, isBinaryType } from '../../src/api/binary-type.ts';

it('knows the four types', () => {
  expect(['nodebuffer', 'arraybuffer', 'fragments', 'blob', 'other', 1].map(isBinaryType)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

it('hands data over as each of them', async () => {
  const data = Buffer.from(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2);
  expect(asBinaryType(data, 'nodebuffer')).toBe(data);
  expect(asBinaryType(data, 'fragments')).toEqual([data]);
  expect(asBinaryType(data, 'arraybuffer')).toEqual(new Uint8Array([1, 2]).buffer);
  expect(await (asBinaryType(data, 'blob') as Blob).arrayBuffer()).toEqual(new Uint8Array([1, 2]).buffer);
  const whole = Buffer.from(new Uint8Array([7]).buffer);
  expect(asBinaryType(whole, 'arraybuffer')).toBe(whole.buffer);
});
