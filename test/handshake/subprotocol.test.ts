import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertSubprotocols, parseSubprotocolHeader } from '../../src/handshake/subprotocol.ts';
import { LATIN1, token } from './wire.ts';
import { outcome, ws } from './ws-oracle.ts';

describe('parseSubprotocolHeader', () => {
  it.each<[string, string[]]>([
    ['foo', ['foo']],
    ['foo,bar', ['foo', 'bar']],
    ['foo \t,\t bar', ['foo', 'bar']],
    ['Foo,foo', ['Foo', 'foo']],
    ['__proto__, constructor', ['__proto__', 'constructor']],
  ])('reads %j', (header, names) => {
    expect([...parseSubprotocolHeader(header)]).toEqual(names);
  });

  it.each([
    ['', 'Unexpected end of input'],
    [' ', 'Unexpected character at index 0'],
    [' foo', 'Unexpected character at index 0'],
    ['foo ', 'Unexpected end of input'],
    ['foo,', 'Unexpected end of input'],
    ['foo, ', 'Unexpected end of input'],
    [',foo', 'Unexpected character at index 0'],
    ['foo,,bar', 'Unexpected character at index 4'],
    ['foo bar', 'Unexpected character at index 4'],
    ['foo;bar', 'Unexpected character at index 3'],
    ['foo="bar"', 'Unexpected character at index 3'],
    ['foo\xe9', 'Unexpected character at index 3'],
    ['foo\0', 'Unexpected character at index 3'],
    ['foo,bar,foo', 'The "foo" subprotocol is duplicated'],
    ['foo,foo,', 'The "foo" subprotocol is duplicated'],
    ['foo,foo ', 'Unexpected end of input'],
    ['foo,foo b', 'Unexpected character at index 8'],
  ])('refuses %j: %s', (header, message) => {
    const expected = new SyntaxError(message);
    expect(() => parseSubprotocolHeader(header)).toThrow(expected);
    expect(outcome(() => ws.subprotocol.parse(header))).toEqual({ error: `${expected}` });
  });

  it('agrees with ws on any text', () => {
    const text = fc.string({
      unit: fc.constantFrom(...' \t,,;="ab1', '\x00', '\x7f', '\xe9', '€'),
      maxLength: 16,
    });
    fc.assert(
      fc.property(text, (header) => {
        expect(outcome(() => [...parseSubprotocolHeader(header)])).toEqual(
          outcome(() => [...ws.subprotocol.parse(header)]),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with ws on every byte at every place', () => {
    const sample = 'a, b1 ,c';
    for (let place = 0; place <= sample.length; place++) {
      for (const character of LATIN1) {
        const header = `${sample.slice(0, place)}${character}${sample.slice(place)}`;
        expect(outcome(() => [...parseSubprotocolHeader(header)])).toEqual(
          outcome(() => [...ws.subprotocol.parse(header)]),
        );
      }
    }
  });

  it('reads back any list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(token, { minLength: 1 }), (names) => {
        expect([...parseSubprotocolHeader(names.join(','))]).toEqual(names);
      }),
    );
  });

  it.each([' ', '\t', ',', 'a ', '\\c', 'a,'])('handles 16 KiB of %j', (unit) => {
    const text = unit.repeat(16_384 / unit.length);
    for (const header of [text, `a${text}`, `b,a${text}b`]) {
      expect(outcome(() => [...parseSubprotocolHeader(header)])).toEqual(
        outcome(() => [...ws.subprotocol.parse(header)]),
      );
    }
  });
});

describe('assertSubprotocols', () => {
  it.each([[[]], [['foo']], [['foo', 'Foo', '__proto__']]])('takes %j', (list) => {
    expect(() => assertSubprotocols(list)).not.toThrow();
  });

  it.each([
    [['']],
    [['a,b']],
    [['a b']],
    [['é']],
    [['a\r\nb']],
    [['foo', 'foo']],
    [[null]],
    [[1]],
    [['foo', undefined]],
  ])('refuses %j', (list) => {
    expect(() => assertSubprotocols(list)).toThrow(
      new SyntaxError('An invalid or duplicated subprotocol was specified'),
    );
  });
});
