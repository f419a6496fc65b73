import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampToUnsignedShort,
  isIterable,
  requireArguments,
  toBytesBlobOrText,
  toBytesOrText,
  toDictionary,
  toDomString,
  toDomStrings,
  toUnsignedShort,
  toUnsignedShortInRange,
  toUsvString,
  toUsvStrings,
} from '../../src/web/webidl.ts';

describe('requireArguments', () => {
  it('accepts enough', () => {
    expect(() => requireArguments(1, 1, 'f')).not.toThrow();
    expect(() => requireArguments(3, 1, 'f')).not.toThrow();
  });

  it('refuses too few', () => {
    expect(() => requireArguments(0, 1, 'f')).toThrow(new TypeError('f: 1 argument required, 0 given'));
    expect(() => requireArguments(1, 2, 'f')).toThrow(new TypeError('f: 2 arguments required, 1 given'));
  });
});

describe('strings', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{ toString: (): string => 'x' }, 'x'],
    ['a\ud800', 'a\ud800'],
  ])('converts %o', (value, text) => {
    expect(toDomString(value)).toBe(text);
  });

  it('refuses symbols', () => {
    expect(() => toDomString(Symbol('x'))).toThrow(TypeError);
    expect(() => toUsvString(Symbol('x'))).toThrow(TypeError);
  });

  it('replaces surrogates without a partner, as UTF-8 encoding does', () => {
    expect(toUsvString('a\ud800b\udc00\ud83d\ude00')).toBe('a\ufffdb\ufffd\ud83d\ude00');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'x') }),
        (a, b) => {
          expect(toUsvString(a + b)).toBe(Buffer.from(a + b).toString());
        },
      ),
    );
  });
});

describe('unsigned short', () => {
  it.each([
    [NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [-1, 65535],
    [65536 + 1000, 1000],
    [1.9, 1],
    [-1.9, 65535],
    ['7', 7],
    [null, 0],
    [{ valueOf: (): number => 3 }, 3],
  ])('takes %o modulo 2^16', (value, result) => {
    expect(toUnsignedShort(value)).toBe(result);
  });

  it.each([
    [NaN, 0],
    [-5, 0],
    [Number.POSITIVE_INFINITY, 65535],
    [65536 + 1000, 65535],
    [1.4, 1],
    [1.6, 2],
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [999.5, 1000],
    ['text', 0],
    [null, 0],
  ])('clamps %o', (value, result) => {
    expect(clampToUnsignedShort(value)).toBe(result);
  });

  it('refuses a BigInt and a symbol', () => {
    for (const value of [1n, Symbol('x')]) {
      expect(() => toUnsignedShort(value)).toThrow(TypeError);
      expect(() => clampToUnsignedShort(value)).toThrow(TypeError);
    }
  });
});

describe('strings or sequences of them', () => {
  it.each([
    ['chat', ['chat']],
    [undefined, ['undefined']],
    [
      ['a', 1, null],
      ['a', '1', 'null'],
    ],
    [new Set(['a', 'b']), ['a', 'b']],
    [{ toString: (): string => 'a' }, ['a']],
    [{ [Symbol.iterator]: null, toString: (): string => 'a' }, ['a']],
    [Object.assign(() => {}, { toString: () => 'f' }), ['f']],
    [new String('ab'), ['a', 'b']],
  ])('converts %o', (value, strings) => {
    expect(toDomStrings(value)).toEqual(strings);
  });

  it('refuses an iterator that is no function', () => {
    expect(() => isIterable({ [Symbol.iterator]: 5 })).toThrow(TypeError);
    expect(() => toDomStrings([Symbol('x')])).toThrow(TypeError);
  });
});

describe('what can be sent', () => {
  const buffer = new Uint8Array([1, 2, 3, 4]).buffer;

  it('is a view of bytes', () => {
    expect(toBytesBlobOrText(buffer)).toEqual(new Uint8Array([1, 2, 3, 4]));
    expect(toBytesBlobOrText(new DataView(buffer, 1, 2))).toEqual(new Uint8Array([2, 3]));
    expect(toBytesBlobOrText(new Uint16Array(buffer, 2, 1))).toEqual(new Uint8Array([3, 4]));
    expect((toBytesBlobOrText(buffer) as Uint8Array).buffer).toBe(buffer);
  });

  it('is what another realm calls an ArrayBuffer', () => {
    expect(toBytesBlobOrText(runInNewContext('new ArrayBuffer(2)'))).toEqual(new Uint8Array(2));
  });

  it('is a Blob, as it is', () => {
    const blob = new Blob(['x']);
    expect(toBytesBlobOrText(blob)).toBe(blob);
  });

  it('is text otherwise', () => {
    expect(toBytesBlobOrText('a\ud800')).toBe('a\ufffd');
    expect(toBytesBlobOrText(null)).toBe('null');
    expect(toBytesBlobOrText({})).toBe('[object Object]');
    expect(toBytesBlobOrText(new SharedArrayBuffer(1))).toBe('[object SharedArrayBuffer]');
  });

  it('is nothing where the memory is detached', () => {
    const detached = new ArrayBuffer(4);
    const view = new Uint8Array(detached);
    structuredClone(detached, { transfer: [detached] });
    expect(toBytesBlobOrText(detached)).toEqual(new Uint8Array(0));
    expect(toBytesBlobOrText(view)).toEqual(new Uint8Array(0));
  });

  it('is not shared or resizable memory, nor a symbol', () => {
    const resizable = Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]) as ArrayBuffer;
    const refused = [
      new Uint8Array(new SharedArrayBuffer(1)),
      resizable,
      new Uint8Array(resizable),
      Symbol('x'),
    ];
    for (const value of refused) expect(() => toBytesBlobOrText(value)).toThrow(TypeError);
  });
});

describe('toUnsignedShortInRange', () => {
  it.each([
    [0, 0],
    [65_535, 65_535],
    ['3000', 3000],
    [1.9, 1],
    [-0.9, 0],
    [null, 0],
  ])('converts %o', (value, result) => {
    expect(toUnsignedShortInRange(value) + 0).toBe(result);
  });

  it.each([-1, 65_536, NaN, Infinity, 'x', undefined, 1n])('refuses %o', (value) => {
    expect(() => toUnsignedShortInRange(value)).toThrow(TypeError);
  });
});

describe('toDictionary', () => {
  it('takes objects and functions, and nothing for one without members', () => {
    const dictionary = { a: 1 };
    expect(toDictionary(dictionary)).toBe(dictionary);
    expect(toDictionary(null)).toEqual({});
    expect(toDictionary(undefined)).toEqual({});
    expect(toDictionary(toDictionary)).toBe(toDictionary);
  });

  it.each([true, 1, 'x', Symbol('x')])('refuses %o', (value) => {
    expect(() => toDictionary(value as unknown as object)).toThrow(TypeError);
  });
});

describe('toUsvStrings', () => {
  it('takes what can be iterated', () => {
    expect(toUsvStrings(['a', 1, '\ud800'])).toEqual(['a', '1', '\ufffd']);
    expect(toUsvStrings(new Set(['a']))).toEqual(['a']);
  });

  it.each(['ab', 1, null, {}])('refuses %o', (value) => {
    expect(() => toUsvStrings(value)).toThrow(TypeError);
  });
});

describe('toBytesOrText', () => {
  it('takes a Blob for the text that it converts to', () => {
    expect(toBytesOrText(new Blob(['a']))).toBe('[object Blob]');
    expect(toBytesOrText(new Uint8Array([1]))).toEqual(new Uint8Array([1]));
  });
});
