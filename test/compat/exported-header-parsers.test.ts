import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATIN1, token } from '../handshake/wire.ts';
import { outcome } from '../handshake/ws-oracle.ts';
import { difference } from './differences.ts';
import { hawser, IMPLEMENTATIONS, ws } from './exported-classes.ts';

/** An object as parse makes it, without a prototype. */
function bare<T>(entries: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), entries);
}

const TOKEN_CHARS = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";

describe.each(IMPLEMENTATIONS)('extension of %s', (_name, { extension }) => {
  it.each([
    ['foo', bare({ foo: [bare({})] })],
    ['foo,foo;bar', bare({ foo: [bare({}), bare({ bar: [true] })] })],
    ['foo;bar;bar=2;baz=1;bar="x"', bare({ foo: [bare({ bar: [true, '2', 'x'], baz: ['1'] })] })],
    ['foo;a="2";b="\\3\\4";c="\\a"', bare({ foo: [bare({ a: ['2'], b: ['34'], c: ['a'] })] })],
    ['foo; bar ;\tbaz=1 \t,  qux', bare({ foo: [bare({ bar: [true], baz: ['1'] })], qux: [bare({})] })],
    [
      'hasOwnProperty;constructor,toString;valueOf=a',
      bare({ hasOwnProperty: [bare({ constructor: [true] })], toString: [bare({ valueOf: ['a'] })] }),
    ],
    [TOKEN_CHARS, bare({ [TOKEN_CHARS]: [bare({})] })],
  ])('reads %j', (header, expected) => {
    // Node's own comparison: the prototypes count, and names such as constructor are names.
    deepStrictEqual(extension.parse(header), expected);
  });

  it('reads names that would change an object with a prototype', () => {
    const parsed = extension.parse('__proto__;__proto__=a');
    expect(Object.entries(parsed)).toHaveLength(1);
    expect(Object.entries(Object.values(parsed)[0]![0]!)).toEqual([['__proto__', ['a']]]);
  });

  it.each([
    [' foo', 0],
    ['foo\u007f', 3],
    ['foo bar', 4],
    ['foo;bar baz', 8],
    ['foo;;', 4],
    [',foo', 0],
    ['foo,,', 4],
    ['foo =', 4],
    ['foo;a =1', 6],
    ['foo;a= 1', 6],
    ['foo;=', 4],
    ['foo;a==', 6],
    ['foo;a=1 b', 8],
    ['foo;a="\\"', 8],
    ['foo;a=""', 7],
    ['foo;a="b c"', 8],
    ['foo;a="b"c', 9],
    ['foo;a=\u00e9', 6],
  ])('refuses %j at index %i', (header, index) => {
    expect(() => extension.parse(header)).toThrow(new SyntaxError(`Unexpected character at index ${index}`));
  });

  it.each([
    '',
    'foo,',
    'foo;',
    'foo ',
    'foo\t',
    'foo, ',
    'foo;a=',
    'foo;a="',
    'foo;a="b',
    'foo;a=1 ',
    'foo;a="\\',
  ])('misses the rest of %j', (header) => {
    expect(() => extension.parse(header)).toThrow(new SyntaxError('Unexpected end of input'));
  });

  it.each([
    [{}, ''],
    [{ foo: {} }, 'foo'],
    [{ foo: [] }, ''],
    [{ foo: { bar: [true, 2], baz: 1 } }, 'foo; bar; bar=2; baz=1'],
    [{ foo: [{ bar: true }, {}], baz: [{ qux: ['a', 'b'] }] }, 'foo; bar, foo, baz; qux=a; qux=b'],
    [{ foo: { bar: false } }, 'foo; bar=false'],
  ])('makes a header of %j', (extensions, header) => {
    expect(extension.format(extensions)).toBe(header);
  });

  it('makes the header again that it read', () => {
    const parameter = fc.tuple(token, fc.option(token, { nil: undefined }));
    const offers = fc.array(fc.tuple(token, fc.array(parameter)), { minLength: 1 });
    fc.assert(
      fc.property(offers, (list) => {
        const header = list
          .map(([name, parameters]) =>
            [name, ...parameters.map(([key, value]) => (value === undefined ? key : `${key}=${value}`))].join(
              ';',
            ),
          )
          .join(',');
        const parsed = extension.parse(header);
        deepStrictEqual(extension.parse(extension.format(parsed)), parsed);
      }),
    );
  });
});

describe.each(IMPLEMENTATIONS)('subprotocol of %s', (_name, { subprotocol }) => {
  it.each([
    ['foo', ['foo']],
    ['foo,bar \t, baz', ['foo', 'bar', 'baz']],
    ['__proto__,constructor,Foo,foo', ['__proto__', 'constructor', 'Foo', 'foo']],
    [TOKEN_CHARS, [TOKEN_CHARS]],
  ])('reads %j', (header, names) => {
    const parsed = subprotocol.parse(header);
    expect(parsed).toBeInstanceOf(Set);
    expect([...parsed]).toEqual(names);
  });

  it.each([
    ['', 'Unexpected end of input'],
    ['foo,', 'Unexpected end of input'],
    ['foo ', 'Unexpected end of input'],
    [' foo', 'Unexpected character at index 0'],
    ['foo;bar', 'Unexpected character at index 3'],
    ['foo,,bar', 'Unexpected character at index 4'],
    ['foo b', 'Unexpected character at index 4'],
    ['foo,bar,foo', 'The "foo" subprotocol is duplicated'],
  ])('refuses %j: %s', (header, message) => {
    expect(() => subprotocol.parse(header)).toThrow(new SyntaxError(message));
  });
});

describe('both', () => {
  const text = fc.string({
    unit: fc.constantFrom(...' \t,;="\\ab1*', ...LATIN1.slice(0, 3), '\x7f', '\xe9', '€'),
    maxLength: 24,
  });

  it('make the same of any header', () => {
    fc.assert(
      fc.property(text, (header) => {
        deepStrictEqual(
          outcome(() => hawser.extension.parse(header)),
          outcome(() => ws.extension.parse(header)),
        );
        deepStrictEqual(
          outcome(() => hawser.subprotocol.parse(header)),
          outcome(() => ws.subprotocol.parse(header)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('make the same header of any object', () => {
    const value = fc.oneof(fc.boolean(), fc.integer(), token);
    const parameters = fc.dictionary(token, fc.oneof(value, fc.array(value, { minLength: 1 })));
    const extensions = fc.dictionary(token, fc.oneof(parameters, fc.array(parameters, { minLength: 1 })));
    fc.assert(
      fc.property(extensions, (given) => {
        expect(hawser.extension.format(given)).toBe(ws.extension.format(given));
      }),
    );
  });
});

it(difference('format-empty-list'), () => {
  const given = { foo: { bar: [] } };
  expect([ws.extension.format(given), hawser.extension.format(given)]).toEqual(['foo; ', 'foo']);
  expect(() => ws.extension.parse('foo; ')).toThrow('Unexpected end of input');
});
