import { describe, expect, it } from 'vitest';
import { connectionLimits, DEFAULTS, deflateOptions } from '../../src/api/options.ts';

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

describe('connectionLimits', () => {
  it('are the defaults where none are given', () => {
    expect(connectionLimits({ maxPayload: undefined })).toEqual({
      maxPayload: 104_857_600,
      maxFragments: 0,
      maxBufferedChunks: 0,
      maxPendingAutoPongs: 60,
    });
  });

  it('are what was given', () => {
    const given = { maxPayload: 20, maxFragments: 3, maxBufferedChunks: 4, maxPendingAutoPongs: 5 };
    expect(connectionLimits(given)).toEqual(given);
  });

  it.each([0, -1, null, Number.NaN, 0.5])('%j is none', (limit) => {
    const none = limit as number;
    expect(
      connectionLimits({ maxPayload: none, maxFragments: none, maxPendingAutoPongs: none }),
    ).toMatchObject({
      maxPayload: Number.MAX_SAFE_INTEGER,
      maxFragments: 0,
      maxPendingAutoPongs: 0,
    });
  });

  it.each([5.9, '5'])('%j is 5', (limit) => {
    expect(connectionLimits({ maxPayload: limit as number }).maxPayload).toBe(5);
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
