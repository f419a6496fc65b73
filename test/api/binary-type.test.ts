import { describe, expect, it } from 'vitest';
import { asBinaryType, isBinaryType } from '../../src/api/binary-type.ts';

describe('isBinaryType', () => {
  it('holds for the four, and nothing else', () => {
    const values = ['nodebuffer', 'arraybuffer', 'fragments', 'blob', 'NodeBuffer', '', undefined, null, 1];
    expect(values.filter(isBinaryType)).toEqual(['nodebuffer', 'arraybuffer', 'fragments', 'blob']);
  });
});

describe('asBinaryType', () => {
  const data = Buffer.from([1, 2, 3]);

  it('leaves a Buffer as it is', () => {
    expect(asBinaryType(data, 'nodebuffer')).toBe(data);
  });

  it('puts it in a list, fragment by fragment', () => {
    expect(asBinaryType(data, 'fragments')).toEqual([data]);
    expect(asBinaryType(data, 'fragments', [1, 3])).toEqual([Buffer.from([1]), Buffer.from([2, 3])]);
    expect(asBinaryType(Buffer.alloc(0), 'fragments')).toEqual([]);
  });

  it('makes a Blob', async () => {
    const blob = asBinaryType(data, 'blob') as Blob;
    expect(blob).toBeInstanceOf(Blob);
    expect(Buffer.from(await blob.arrayBuffer())).toEqual(data);
  });

  it('gives the ArrayBuffer of a Buffer that fills it', () => {
    const own = Buffer.from(new ArrayBuffer(3));
    expect(asBinaryType(own, 'arraybuffer')).toBe(own.buffer);
  });

  it('copies what is a part of a longer ArrayBuffer', () => {
    const part = Buffer.from(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2);
    const copy = asBinaryType(part, 'arraybuffer') as ArrayBuffer;
    expect(copy).toBeInstanceOf(ArrayBuffer);
    expect([...new Uint8Array(copy)]).toEqual([1, 2]);
  });
});
