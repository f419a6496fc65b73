import { describe, expect, it } from 'vitest';
import { heartbeatTimes } from '../../src/api/heartbeat-times.ts';
import type { HeartbeatOptions } from '../../src/api/options.ts';

describe('heartbeatTimes', () => {
  it.each([false, undefined])('is off with %s', (option) => {
    expect(heartbeatTimes(option)).toBeUndefined();
  });

  it.each<[true | HeartbeatOptions, number, number]>([
    [true, 30_000, 15_000],
    [{}, 30_000, 15_000],
    [{ intervalMs: undefined, timeoutMs: undefined }, 30_000, 15_000],
    [{ intervalMs: 60_000 }, 60_000, 15_000],
    [{ intervalMs: 5_000 }, 5_000, 5_000],
    [{ timeoutMs: 1 }, 30_000, 1],
    [{ intervalMs: 2 ** 31 - 1, timeoutMs: 2 ** 31 - 1 }, 2 ** 31 - 1, 2 ** 31 - 1],
  ])('has for %j every %i, and waits %i', (option, intervalMs, timeoutMs) => {
    expect(heartbeatTimes(option)).toEqual({ intervalMs, timeoutMs });
  });

  it.each([0, -1, 0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, '30s' as never])(
    'refuses an interval of %s',
    (intervalMs) => {
      const refused = new RangeError(`Invalid heartbeat.intervalMs: ${intervalMs} (1 to 2147483647)`);
      expect(() => heartbeatTimes({ intervalMs, timeoutMs: 1 })).toThrow(refused);
    },
  );

  it.each([0, 1_001, Number.NaN])('refuses a timeout of %s in an interval of a second', (timeoutMs) => {
    const refused = new RangeError(`Invalid heartbeat.timeoutMs: ${timeoutMs} (1 to 1000)`);
    expect(() => heartbeatTimes({ intervalMs: 1_000, timeoutMs })).toThrow(refused);
  });
});
