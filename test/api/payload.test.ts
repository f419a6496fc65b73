import { describe, expect, it } from 'vitest';
import {
  closeReason,
  isText,
  payloadLength,
  type SendData,
  toBytes,
  toPayload,
} from '../../src/api/payload.ts';
import type { UnreadPayload } from '../../src/core/index.ts';

const memory = new Uint8Array([0, 1, 2, 3, 4]).buffer;

describe('toBytes', () => {
  it.each<[string, Exclude<SendData, Blob>, number[]]>([
    ['a string, as UTF-8', 'ü', [0xc3, 0xbc]],
    ['a number, in decimal', -1.5, [0x2d, 0x31, 0x2e, 0x35]],
    ['a Buffer', Buffer.from([7, 8]), [7, 8]],
    ['a typed array, its view only', new Uint8Array(memory, 1, 2), [1, 2]],
    ['a typed array of wider elements', new Uint16Array(memory, 2, 1), [2, 3]],
    ['a DataView, its view only', new DataView(memory, 3, 2), [3, 4]],
    ['an ArrayBuffer', memory, [0, 1, 2, 3, 4]],
    ['a SharedArrayBuffer', new SharedArrayBuffer(2), [0, 0]],
    ['what is false', false as unknown as Buffer, []],
    ['an array of bytes', [1, 2] as unknown as Buffer, [1, 2]],
  ])('takes %s', (_name, data, expected) => {
    expect([...toBytes(data)]).toEqual(expected);
  });

  it('copies nothing that is memory already', () => {
    const bytes = new Uint8Array(2);
    expect(toBytes(bytes)).toBe(bytes);
    expect(toBytes(new DataView(memory)).buffer).toBe(memory);
    expect(toBytes(memory).buffer).toBe(memory);
  });

  it.each([true, {}, Symbol('a')])('refuses %o', (data) => {
    expect(() => toBytes(data as unknown as Buffer)).toThrow(TypeError);
  });
});

describe('toPayload', () => {
  it('is the bytes of all but Blobs', () => {
    const bytes = Buffer.from('a');
    expect(toPayload(bytes)).toBe(bytes);
    expect(toPayload('ü')).toHaveLength(2);
  });

  it('reads a Blob when it is asked to', async () => {
    const payload = toPayload(new Blob(['abc'])) as UnreadPayload;
    expect(payload.length).toBe(3);
    const read = new Promise((resolve) => payload.read((...result) => resolve(result)));
    expect(await read).toEqual([undefined, new Uint8Array(Buffer.from('abc'))]);
  });

  it('takes what is like a Blob for one', () => {
    const bloblike = { [Symbol.toStringTag]: 'File', size: 7, arrayBuffer: async () => new ArrayBuffer(7) };
    expect(toPayload(bloblike as unknown as Blob)).toMatchObject({ length: 7, read: expect.any(Function) });
    expect(payloadLength(bloblike as unknown as Blob)).toBe(7);
  });

  it('tells the error of a Blob that cannot be read', async () => {
    const blob = new Blob(['abc']);
    blob.arrayBuffer = () => Promise.reject(new Error('gone'));
    const error = new Promise((resolve) => (toPayload(blob) as UnreadPayload).read(resolve));
    expect(await error).toEqual(new Error('gone'));
  });
});

describe('isText', () => {
  it('holds for strings and numbers only', () => {
    expect(['', 0, Buffer.alloc(0), memory, undefined].map(isText)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('payloadLength', () => {
  it.each<[SendData, number]>([
    ['üü', 4],
    [12.5, 4],
    [new Blob(['abc']), 3],
    [new Uint16Array(3), 6],
    [memory, 5],
  ])('counts bytes: %o', (data, length) => {
    expect(payloadLength(data)).toBe(length);
  });
});

describe('closeReason', () => {
  it('gives the bytes of what can be sent', () => {
    expect([...closeReason(1000, 'ü')]).toEqual([0xc3, 0xbc]);
    expect([...closeReason(4999, new Uint8Array(123))]).toHaveLength(123);
    expect(closeReason(undefined)).toHaveLength(0);
  });

  it('ignores a reason without a code, and one without a length', () => {
    expect(closeReason(undefined, 'ü')).toHaveLength(0);
    expect(closeReason(1000, new Error('a') as unknown as string)).toHaveLength(0);
  });

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN, null, '1000'])(
    'refuses the code %j',
    (code) => {
      expect(() => closeReason(code as number)).toThrow(
        new TypeError('First argument must be a valid error code number'),
      );
    },
  );

  it('refuses a reason that is too long, or of another type', () => {
    expect(() => closeReason(1000, 'ü'.repeat(62))).toThrow(
      new RangeError('The message must not be greater than 123 bytes'),
    );
    expect(() => closeReason(1000, new Uint16Array(1) as unknown as Uint8Array)).toThrow(
      new TypeError('Second argument must be a string or a Uint8Array'),
    );
  });
});
