import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan } from '../../src/wire/json-depth.ts';

/** The depth of a value, the slow way. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isDeeperThan', () => {
  it('tells the depth of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), (value, spaced) => {
        const text = JSON.stringify(value, undefined, spaced ? 2 : 0);
        const depth = depthOf(value);
        expect(isDeeperThan(text, depth)).toBe(false);
        if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true);
      }),
    );
  });

  it.each([
    ['"[[[["', 0, false],
    [String.raw`["\"[[", 1]`, 1, false],
    [String.raw`["\\", [1]]`, 1, true],
    ['"never ends [[', 0, false],
    ['{"a":{"b":{}}}', 2, true],
    ['{"a":{"b":{}}}', 3, false],
  ])('looks past strings: %s', (text, limit, deeper) => {
    expect(isDeeperThan(text, limit)).toBe(deeper);
  });

  it('stops at the first bracket too many', () => {
    expect(isDeeperThan('['.repeat(1_000_000), 32)).toBe(true);
  });
});
