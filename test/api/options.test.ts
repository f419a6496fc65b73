import { expect, it } from 'vitest';
import { DEFAULTS, deflateOptions, payloadLimit } from '../../src/api/options.ts';

it('has the defaults of ws', () => {
  expect(DEFAULTS).toMatchObject({
    maxPayload: 104_857_600,
    closeTimeout: 30_000,
    skipUTF8Validation: false,
    autoPong: true,
    protocolVersion: 13,
  });
});

it('reads perMessageDeflate', () => {
  const options = { threshold: 5 };
  expect([true, false, undefined, options].map(deflateOptions)).toEqual([{}, undefined, undefined, options]);
});

it('reads maxPayload, where 0 is no limit', () => {
  expect([undefined, 5, 0].map(payloadLimit)).toEqual([DEFAULTS.maxPayload, 5, Number.MAX_SAFE_INTEGER]);
});
