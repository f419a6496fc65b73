import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOffsets, isOffset, START } from '../../src/wire/offset.ts';

const part = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('compareOffsets', () => {
  it('compares as two integers of 64 bits', () => {
    fc.assert(
      fc.property(part, part, part, part, (time, sequence, otherTime, otherSequence) => {
        const expected =
          time === otherTime ? Number(sequence > otherSequence) - Number(sequence < otherSequence) : 0;
        const order = expected || Number(time > otherTime) - Number(time < otherTime);
        expect(Math.sign(compareOffsets(`${time}-${sequence}`, `${otherTime}-${otherSequence}`))).toBe(order);
      }),
    );
  });

  it.each([
    ['1-0', '1-0', 0],
    ['1-9', '1-10', -1],
    ['9-0', '10-0', -1],
    ['2-0', '1-99', 1],
    ['01-0', '1-00', 0],
    ['007-1', '8-1', -1],
    [START, '0-1', -1],
  ])('puts %s and %s in order', (a, b, order) => {
    expect(Math.sign(compareOffsets(a, b))).toBe(order);
    expect(Math.sign(compareOffsets(b, a))).toBe(0 - order);
  });
});

describe('isOffset', () => {
  it.each(['0-0', '1700000000000-12', `${2n ** 64n - 1n}-${2n ** 64n - 1n}`])('takes %s', (offset) => {
    expect(isOffset(offset)).toBe(true);
  });

  it.each([
    '',
    '-',
    '1',
    '1-',
    '-1',
    '1-1-1',
    '+',
    '$',
    ' 1-1',
    '1-1\n',
    '1.5-0',
    `${10n ** 20n}-0`,
    `${2n ** 64n}-0`,
    `0-${2n ** 64n}`,
    7,
    null,
  ])('refuses %j', (value) => {
    expect(isOffset(value)).toBe(false);
  });
});
