import { constants } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readSecondArgument } from '../../src/web/websocket-init.ts';

const DEFAULTS = {
  subprotocols: [],
  headers: {},
  tls: {},
  perMessageDeflate: true,
  maxPayload: 100 * 1024 * 1024,
  handshakeTimeout: 60_000,
  fastPath: true,
};

describe('readSecondArgument', () => {
  it.each([
    ['chat', ['chat']],
    ['', ['']],
    [undefined, ['undefined']],
    [null, ['null']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [new Set(['a']), ['a']],
    [{ toString: (): string => 'chat' }, ['chat']],
    [Object.assign([], { headers: { a: 'b' } }), []],
  ])('takes %o for subprotocols', (value, subprotocols) => {
    expect(readSecondArgument(value)).toEqual({ ...DEFAULTS, subprotocols });
  });

  it('takes an object for options', () => {
    expect(readSecondArgument({})).toEqual(DEFAULTS);
    const tls = { ca: 'x' };
    const limits = { maxPayload: 5, handshakeTimeout: 0 };
    const given = { tls, perMessageDeflate: false, ...limits, fastPath: false, proxy: 'env' as const };
    expect(readSecondArgument({ ...given, protocols: 'a' })).toEqual({
      ...DEFAULTS,
      ...given,
      subprotocols: ['a'],
    });
  });

  it.each([[{ A: 'b' }], [[['A', 'b'] as const]], [new Map([['A', 'b']])]])('takes headers %o', (headers) => {
    expect(readSecondArgument({ headers }).headers).toEqual({ A: 'b' });
  });

  it('takes the headers of fetch', () => {
    expect(readSecondArgument({ headers: new Headers({ A: 'b' }) }).headers).toEqual({ a: 'b' });
  });

  it('accepts no message longer than a string can be', () => {
    for (const maxPayload of [0, Number.POSITIVE_INFINITY]) {
      expect(readSecondArgument({ maxPayload }).maxPayload).toBe(constants.MAX_STRING_LENGTH);
    }
  });

  it('refuses what can not be converted', () => {
    expect(() => readSecondArgument(Symbol('x'))).toThrow(TypeError);
    expect(() => readSecondArgument(Object.create(null))).toThrow(TypeError);
    expect(() => readSecondArgument({ protocols: Symbol('x') })).toThrow(TypeError);
  });
});
