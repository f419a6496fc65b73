import { expect, it } from 'vitest';
import { DEFAULT_HISTORY, DEFAULT_LIMITS } from '../../src/hub/options.ts';

it('has a limit for everything: none is endless, or nothing at all', () => {
  const numbers = [...Object.values(DEFAULT_LIMITS), ...Object.values(DEFAULT_HISTORY)].flatMap((limit) =>
    typeof limit === 'number' ? limit : [limit.perSecond, limit.burst],
  );
  expect(numbers).toHaveLength(19);
  for (const number of numbers) {
    expect(Number.isFinite(number)).toBe(true);
    expect(number).toBeGreaterThan(0);
  }
});

it('lets the longest message through, and wait', () => {
  expect(DEFAULT_LIMITS.bytes.burst).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
  expect(DEFAULT_LIMITS.bufferedBytes).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
  expect(DEFAULT_HISTORY.bytes).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
});
