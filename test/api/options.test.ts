import { describe, expect, it } from 'vitest';
import { DEFAULTS, deflateOptions, payloadLimit } from '../../src/api/options.ts';

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

describe('payloadLimit', () => {
  it('is 100 MiB by default', () => {
    expect(payloadLimit(undefined)).toBe(104_857_600);
  });

  it('is what was given, and 0 means none', () => {
    expect(payloadLimit(20)).toBe(20);
    expect(payloadLimit(0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

it('has the defaults of ws', () => {
  expect(DEFAULTS).toMatchObject({
    closeTimeout: 30_000,
    skipUTF8Validation: false,
    autoPong: true,
    clientHandshakeTimeout: 0,
    protocolVersion: 13,
  });
});
