import { expect, it } from 'vitest';
import { isText, payloadLength, toBytes } from '../../src/api/payload.ts';

const floats = new Float32Array([1, 2]);

it.each([
  ['a string', 'é', 'c3a9'],
  ['a number', -1.5, '2d312e35'],
  ['a Buffer', Buffer.from([1]), '01'],
  ['a view, and only the view', new Uint8Array([1, 2, 3]).subarray(1, 2), '02'],
  ['another view', floats, Buffer.from(floats.buffer).toString('hex')],
  ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 2), '03'],
  ['an ArrayBuffer', new Uint8Array([9]).buffer, '09'],
])('takes the bytes of %s', (_, data, expected) => {
  expect(Buffer.from(toBytes(data)).toString('hex')).toBe(expected);
  expect(payloadLength(data)).toBe(expected.length / 2);
});

it('refuses what has no bytes', () => {
  expect(() => toBytes(Symbol('x') as unknown as string)).toThrow(TypeError);
});

it('counts a Blob, and knows text', () => {
  expect(payloadLength(new Blob(['abc']))).toBe(3);
  expect([isText('a'), isText(1), isText(Buffer.alloc(0)), isText(undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
