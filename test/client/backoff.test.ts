import { afterEach, expect, it, vi } from 'vitest';
import { Backoff } from '../../src/client/backoff.ts';

const SETTINGS = { minDelayMs: 1000, maxDelayMs: 30_000, delayFactor: 2, maxRetries: 10 };

afterEach(() => void vi.restoreAllMocks());

function delays(random: number, count: number, retry: 'now' | 'later' = 'now') {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const backoff = new Backoff(SETTINGS);
  return Array.from({ length: count }, () => backoff.next(retry));
}

it('doubles the longest delay up to the maximum, and ends after ten', () => {
  const longest = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000];
  expect(delays(1, 11)).toEqual([...longest, undefined]);
});

it('takes any part of it: the jitter is full', () => {
  expect(delays(0, 3)).toEqual([0, 0, 0]);
  expect(delays(0.5, 3)).toEqual([500, 1000, 2000]);
  // Whole ones, as they are shown to people.
  expect(delays(1 / 3, 3)).toEqual([333, 667, 1333]);
});

it('waits the longest delay first where it shall come later', () => {
  expect(delays(0.5, 2, 'later')).toEqual([30_500, 31_000]);
});

it('begins again after a reset', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const backoff = new Backoff({ ...SETTINGS, maxRetries: 2 });
  expect([backoff.next('now'), backoff.next('now'), backoff.next('now'), backoff.retries]).toEqual([
    1000,
    2000,
    undefined,
    2,
  ]);
  backoff.reset();
  expect([backoff.retries, backoff.next('now')]).toEqual([0, 1000]);
});

it('knows no end with infinitely many retries', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const backoff = new Backoff({ ...SETTINGS, maxRetries: Number.POSITIVE_INFINITY });
  for (let n = 0; n < 2000; n++) backoff.next('now');
  expect(backoff.next('now')).toBe(30_000);
});
