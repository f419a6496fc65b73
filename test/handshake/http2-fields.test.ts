import { describe, expect, it } from 'vitest';
import { hasConnectionField, http2Fields } from '../../src/handshake/http2-fields.ts';

describe('http2Fields', () => {
  it('gathers fields by their names in lower case, and leaves out what is of a connection of HTTP/1.1', () => {
    const fields = http2Fields([
      ['X-One', '1'],
      ['Connection', 'close'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Connection', 'close'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'websocket'],
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['SET-COOKIE', 'c=3'],
    ]);
    expect({ ...fields }).toEqual({ 'x-one': '1', 'set-cookie': ['a=1', 'b=2', 'c=3'] });
    expect(Object.getPrototypeOf(fields)).toBe(null);
  });

  it.each([
    [[['TE', 'gzip']], {}],
    [[['te', '']], {}],
    [
      [
        ['te', 'gzip'],
        ['TE', ' Trailers'],
        ['Te', 'trailers'],
      ],
      { te: 'trailers' },
    ],
  ] as const)('leaves out of TE what HTTP/2 does not have: %j', (lines, expected) => {
    expect({ ...http2Fields(lines) }).toEqual(expected);
  });
});

describe('hasConnectionField', () => {
  it.each(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])(
    'sees %s',
    (name) => {
      expect(hasConnectionField({ [name]: 'x' })).toBe(true);
    },
  );

  it.each([
    [{}, false],
    [{ te: 'trailers' }, false],
    [{ te: ' Trailers ' }, false],
    [{ te: 'gzip' }, true],
    [{ te: 'trailers, gzip' }, true],
  ])('%o: %s', (headers, expected) => {
    expect(hasConnectionField(headers)).toBe(expected);
  });
});
