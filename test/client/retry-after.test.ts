import { expect, it } from 'vitest';
import { ABANDONED, retryAfter, UNAUTHORIZED } from '../../src/client/retry-after.ts';
import { retryAfter as accordingToTable, HubCloseCode } from '../../src/wire/hub-close-code.ts';

it('is what the table of the close codes says', () => {
  const codes = Array.from({ length: 4000 }, (_, n) => n + 1000);
  expect(codes.map(retryAfter)).toEqual(codes.map(accordingToTable));
  expect([UNAUTHORIZED, ABANDONED]).toEqual([HubCloseCode.UNAUTHORIZED.code, HubCloseCode.ABANDONED.code]);
});
