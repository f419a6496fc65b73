import { expect, it } from 'vitest';
import { CloseCode, isValidCloseCode } from '../../src/core/close-code.ts';

it('lets through the codes that may be on the wire, of all 65536', () => {
  const ranges: number[][] = [];
  for (let code = 0; code < 0x1_0000; code++) {
    if (!isValidCloseCode(code)) continue;
    const last = ranges.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  expect(ranges).toEqual([
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ]);
});

it('keeps 1005 and 1006 off the wire (RFC 6455 §7.4.1)', () => {
  expect(isValidCloseCode(CloseCode.NO_STATUS_RECEIVED)).toBe(false);
  expect(isValidCloseCode(CloseCode.ABNORMAL_CLOSURE)).toBe(false);
});
