import { describe, expect, it } from 'vitest';
import { DEFAULTS, deflateOptions, limitOf } from '../../src/api/options.ts';

describe('deflateOptions', () => {
  it('stands for the default parameters when true', () => {
    expect(deflateOptions(true)).toEqual({});
  });

  it.each([false, undefined])('is off with %s', (option) => {
    expect(deflateOptions(option)).toBeUndefined();
  });

  it('is the object that was given', () => {
    const options = { threshold: 0 };
    expect(deflateOptions(options)).toBe(options);
  });
});

describe('limitOf', () => {
  it.each([
    [undefined, 7],
    [20, 20],
    [20.9, 20],
    [2 ** 40, 2 ** 40],
  ])('%o is %i, where 7 is the default', (option, limit) => {
    expect(limitOf(option, 7)).toBe(limit);
  });

  it.each([0, -1, 0.5, null, Number.NaN])('%o is none', (option) => {
    expect(limitOf(option, 7)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

it('has the defaults of ws', () => {
  expect(DEFAULTS).toMatchObject({
    closeTimeout: 30_000,
    skipUTF8Validation: false,
    autoPong: true,
    clientHandshakeTimeout: 30_000,
    protocolVersion: 13,
  });
});
