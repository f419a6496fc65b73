import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../src/hub/guards/token-bucket.ts';

describe('a bucket', () => {
  it('gives its burst at once, and then its rate', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false]);
    expect([bucket.take(1, 499), bucket.take(1, 500), bucket.take(1, 500)]).toEqual([false, true, false]);
  });

  it('never has more than its burst', () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 2 }, 0);
    expect([bucket.take(3, 1e6), bucket.take(2, 1e6), bucket.take(1, 1e6)]).toEqual([false, true, false]);
  });

  it('keeps what it refused', () => {
    const bucket = new TokenBucket({ perSecond: 0, burst: 2 }, 0);
    expect([bucket.take(3, 0), bucket.take(2, 0)]).toEqual([false, true]);
  });

  it('tells when nobody would miss it', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, 0);
    bucket.take(1, 0);
    expect([bucket.isFull(999), bucket.isFull(1000)]).toEqual([false, true]);
  });

  it('lets through no more in any time than the burst and the rate', () => {
    const takes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 400 })));
    fc.assert(
      fc.property(takes, (steps) => {
        const bucket = new TokenBucket({ perSecond: 3, burst: 5 }, 0);
        let now = 0;
        let taken = 0;
        for (const [count, wait] of steps) {
          now += wait;
          if (bucket.take(count, now)) taken += count;
          expect(taken).toBeLessThanOrEqual(5 + (3 * now) / 1000 + 1e-6);
        }
      }),
    );
  });
});
