import { validateHeaderName, validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertHeaderSafe,
  assertUtf8HeaderSafe,
  type ExtensionOffer,
  formatExtensionHeader,
  hasToken,
  isFieldValueCharCode,
  isHeaderValueSafe,
  isToken,
  isTokenCharCode,
  isUtf8LineSafe,
  isWhitespace,
  ListReader,
  parseExtensionHeader,
  trimWhitespace,
} from '../../src/handshake/header-grammar.ts';
import { LATIN1, token } from './wire.ts';
import { asWsExtensions, outcome, ws } from './ws-oracle.ts';

const TOKEN_CHARS = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";

/** Texts out of the characters that the grammar is about. */
const grammarText = fc.string({
  unit: fc.constantFrom(...' \t,;="\\ab1*', '\x00', '\x7f', '\xe9', '€'),
  maxLength: 24,
});

describe('tokens', () => {
  it('are made of the characters of RFC 9110 §5.6.2', () => {
    expect(LATIN1.filter((character) => isTokenCharCode(character.charCodeAt(0))).join('')).toBe(TOKEN_CHARS);
    expect(LATIN1.filter(isToken).join('')).toBe(TOKEN_CHARS);
    expect(isTokenCharCode(Number.NaN)).toBe(false);
    expect(isTokenCharCode('ſ'.charCodeAt(0))).toBe(false);
  });

  it.each([
    ['', false],
    ['a', true],
    ['a,b', false],
    ['a ', false],
    [' a', false],
    ['é', false],
    [TOKEN_CHARS, true],
  ])('%j: %s', (text, expected) => {
    expect(isToken(text)).toBe(expected);
  });
});

describe('hasToken', () => {
  it.each([
    ['Upgrade', true],
    ['upgrade', true],
    ['keep-alive, Upgrade', true],
    ['keep-alive ,\tUPGRADE\t,x', true],
    [',,upgrade,,', true],
    ['', false],
    ['keep-alive', false],
    ['upgraded', false],
    ['upgrabe', false],
    ['a,b,c,d', false],
    ['up grade', false],
    ['upgrade\xa0', false],
    ['x-upgrade, upgrade-x', false],
  ])('%j: %s', (list, expected) => {
    expect(hasToken(list, 'upgrade')).toBe(expected);
    expect(hasToken(list, 'Upgrade')).toBe(expected);
  });

  it.each([' ', ',', ', ', '\t,'])('handles 16 KiB of %j', (unit) => {
    const list = unit.repeat(16_384 / unit.length);
    expect(hasToken(list, 'upgrade')).toBe(false);
    expect(hasToken(`${list},upgrade`, 'upgrade')).toBe(true);
  });
});

describe('white space', () => {
  it('is space and tab', () => {
    expect(LATIN1.filter((character) => isWhitespace(character.charCodeAt(0)))).toEqual(['\t', ' ']);
  });

  it.each([
    ['', ''],
    [' \t ', ''],
    ['a', 'a'],
    [' \ta b\t ', 'a b'],
    ['\xa0a\n', '\xa0a\n'],
  ])('is trimmed off %j', (text, expected) => {
    expect(trimWhitespace(text)).toBe(expected);
  });
});

describe('headers to be sent', () => {
  it('are made of what node:http lets through', () => {
    const illegal = LATIN1.filter(
      (character) => 'error' in outcome(() => validateHeaderValue('a', character)),
    );
    expect(LATIN1.filter((character) => !isHeaderValueSafe(character))).toEqual(illegal);
    expect(LATIN1.filter((character) => !isFieldValueCharCode(character.charCodeAt(0)))).toEqual(illegal);
    expect(isHeaderValueSafe('')).toBe(true);
    expect(isHeaderValueSafe('Ā')).toBe(false);
  });

  it.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0', '\x7f', '\x1b', '€', '\u010a\u010d'])(
    'refuse the value %j',
    (value) => {
      const expected = { name: 'TypeError', code: 'ERR_INVALID_CHAR' };
      expect(() => assertHeaderSafe('X', value)).toThrow(expect.objectContaining(expected));
      expect(() => validateHeaderValue('X', value)).toThrow(expect.objectContaining(expected));
      expect(() => assertHeaderSafe('X', value)).toThrow('Invalid character in header content ["X"]');
    },
  );

  it.each(['', 'a b', 'a:', 'a\r\nb', 'é', '"a"'])('refuse the name %j', (name) => {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_HTTP_TOKEN' };
    expect(() => assertHeaderSafe(name, 'a')).toThrow(expect.objectContaining(expected));
    expect(() => validateHeaderName(name)).toThrow(expect.objectContaining(expected));
    expect(() => assertHeaderSafe(name, 'a')).toThrow(`Header name must be a valid HTTP token ["${name}"]`);
  });

  it('may be anything else', () => {
    expect(() => assertHeaderSafe(TOKEN_CHARS, '\t !~\x80\xff')).not.toThrow();
  });

  it('may be any text but control characters where the head is UTF-8', () => {
    expect(LATIN1.filter((character) => !isUtf8LineSafe(character))).toEqual(
      LATIN1.filter((character) => !isHeaderValueSafe(character)),
    );
    expect(() => assertUtf8HeaderSafe(TOKEN_CHARS, '\t \xe9 € 😀')).not.toThrow();
    expect(() => assertUtf8HeaderSafe('X', '€\r\nY: z')).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' }),
    );
    expect(() => assertUtf8HeaderSafe('é', 'a')).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_HTTP_TOKEN' }),
    );
  });
});

describe('parseExtensionHeader', () => {
  it.each<[string, ExtensionOffer[]]>([
    ['foo', [{ name: 'foo', parameters: [] }]],
    [
      'foo,foo;bar;baz',
      [
        { name: 'foo', parameters: [] },
        {
          name: 'foo',
          parameters: [
            { name: 'bar', value: true },
            { name: 'baz', value: true },
          ],
        },
      ],
    ],
    [
      'foo; bar=1; bar="2"; bar',
      [
        {
          name: 'foo',
          parameters: [
            { name: 'bar', value: '1' },
            { name: 'bar', value: '2' },
            { name: 'bar', value: true },
          ],
        },
      ],
    ],
    ['foo;bar="b\\a\\z"', [{ name: 'foo', parameters: [{ name: 'bar', value: 'baz' }] }]],
    ['foo;bar="\\b\\a\\z"', [{ name: 'foo', parameters: [{ name: 'bar', value: 'baz' }] }]],
    [
      'foo;\t bar; \tbaz=1\t ;  bar="1"\t , \t qux\t;norf',
      [
        {
          name: 'foo',
          parameters: [
            { name: 'bar', value: true },
            { name: 'baz', value: '1' },
            { name: 'bar', value: '1' },
          ],
        },
        { name: 'qux', parameters: [{ name: 'norf', value: true }] },
      ],
    ],
    [
      '__proto__;constructor;hasOwnProperty=toString',
      [
        {
          name: '__proto__',
          parameters: [
            { name: 'constructor', value: true },
            { name: 'hasOwnProperty', value: 'toString' },
          ],
        },
      ],
    ],
  ])('reads %j', (header, offers) => {
    expect(parseExtensionHeader(header)).toEqual(offers);
  });

  it.each([
    [' foo', 0],
    ['\tfoo', 0],
    [',foo', 0],
    ['foo bar', 4],
    ['foo, ,bar', 5],
    ['foo;;', 4],
    ['foo;=', 4],
    ['foo=bar', 3],
    ['foo;bar =1', 8],
    ['foo;bar= 1', 8],
    ['foo;bar=;', 8],
    ['foo;bar=,', 8],
    ['foo;bar=""', 9],
    ['foo;bar="a b"', 10],
    ['foo;bar="a,b"', 10],
    ['foo;bar="\\""', 10],
    ['foo;bar="a"b', 11],
    ['foo;bar="a""', 11],
    ['foo;bar=a"', 9],
    ['foo;bar=a=b', 9],
    ['x; y=",permessage-deflate"', 6],
    ['f\x00', 1],
    ['f\xe9', 1],
    ['€', 0],
  ])('refuses %j at %i', (header, index) => {
    const expected = new SyntaxError(`Unexpected character at index ${index}`);
    expect(() => parseExtensionHeader(header)).toThrow(expected);
    expect(outcome(() => ws.extension.parse(header))).toEqual({ error: `${expected}` });
  });

  it.each([
    '',
    'foo,',
    'foo;',
    'foo ',
    'foo;bar\t',
    'foo;bar=',
    'foo;bar="',
    'foo;bar="a',
    'foo;bar="a\\',
    'foo;bar="a" ',
  ])('misses the end of %j', (header) => {
    const expected = new SyntaxError('Unexpected end of input');
    expect(() => parseExtensionHeader(header)).toThrow(expected);
    expect(outcome(() => ws.extension.parse(header))).toEqual({ error: `${expected}` });
  });

  it('agrees with ws on any text', () => {
    fc.assert(
      fc.property(grammarText, (header) => {
        expect(outcome(() => asWsExtensions(parseExtensionHeader(header)))).toEqual(
          outcome(() => ws.extension.parse(header)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with ws on headers with one character changed', () => {
    const sample = 'foo; bar; baz="q\\ux"; n=1 , permessage-deflate;client_max_window_bits=15';
    for (let place = 0; place < sample.length; place++) {
      for (const character of LATIN1) {
        const header = `${sample.slice(0, place)}${character}${sample.slice(place + 1)}`;
        expect(outcome(() => asWsExtensions(parseExtensionHeader(header)))).toEqual(
          outcome(() => ws.extension.parse(header)),
        );
      }
    }
  });

  it.each([' ', '\t', ',', ';', '\\c', '\\', '"', 'a;', 'a,', 'a=', 'a ;', '="'])(
    'handles 16 KiB of %j',
    (unit) => {
      const text = unit.repeat(16_384 / unit.length);
      for (const header of [text, `a${text}`, `a${text}a`, `a;b="${text}"`, `a;b="${text}`]) {
        expect(outcome(() => asWsExtensions(parseExtensionHeader(header)))).toEqual(
          outcome(() => ws.extension.parse(header)),
        );
      }
    },
  );
});

describe('formatExtensionHeader', () => {
  const offers: fc.Arbitrary<ExtensionOffer[]> = fc.array(
    fc.record({
      name: token,
      parameters: fc.array(fc.record({ name: token, value: fc.oneof(token, fc.constant(true as const)) }), {
        maxLength: 5,
      }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('writes offers as ws does', () => {
    const header = formatExtensionHeader([
      {
        name: 'foo',
        parameters: [
          { name: 'bar', value: true },
          { name: 'bar', value: '2' },
          { name: 'baz', value: '1' },
        ],
      },
      { name: 'foo', parameters: [] },
    ]);
    expect(header).toBe('foo; bar; bar=2; baz=1, foo');
    expect(header).toBe(ws.extension.format({ foo: [{ bar: [true, 2], baz: 1 }, {}] }));
  });

  it('writes what reads back', () => {
    fc.assert(
      fc.property(offers, (list) => {
        expect(parseExtensionHeader(formatExtensionHeader(list))).toEqual(list);
      }),
    );
  });

  it('writes what reads back with other white space and quotes too', () => {
    const space = fc.stringMatching(/^[\t ]{0,3}$/);
    fc.assert(
      fc.property(offers, space, space, (list, before, after) => {
        const header = list
          .map(({ name, parameters }) => [
            name,
            ...parameters.map(({ name: key, value }) =>
              value === true ? key : `${key}="${[...value].map((character) => `\\${character}`).join('')}"`,
            ),
          ])
          .map((parts) => parts.join(`${before};${after}`))
          .join(`${after},${before}`);
        expect(parseExtensionHeader(header)).toEqual(list);
      }),
    );
  });
});

describe('ListReader', () => {
  it('tells where it ends', () => {
    const reader = new ListReader('a');
    expect(reader.atEnd).toBe(false);
    expect(reader.readToken()).toBe('a');
    expect(reader.atEnd).toBe(true);
  });

  it('stops before the other separator', () => {
    const reader = new ListReader('a , b');
    reader.readToken();
    expect(reader.skipSeparator(0x3b, 0x2c)).toBe(false);
    expect(reader.skipSeparator(0x2c, 0x2c)).toBe(true);
    expect(reader.readToken()).toBe('b');
    expect(reader.skipSeparator(0x2c, 0x2c)).toBe(false);
  });
});
