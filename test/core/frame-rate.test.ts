import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameRate } from '../../src/core/frame-rate.ts';

describe('FrameRate', () => {
  it("lets one second's worth come at once, and then as many as it says", () => {
    let now = 5_000;
    const rate = new FrameRate(10, () => now);
    const burst = Array.from({ length: 11 }, () => rate.exceeded());
    expect(burst).toEqual([...Array(10).fill(false), true]);
    // The one too many was counted as well.
    now += 200;
    expect([rate.exceeded(), rate.exceeded()]).toEqual([false, true]);
  });

  it('forgets what is more than a second past', () => {
    let now = 0;
    const rate = new FrameRate(3, () => now);
    for (let i = 0; i < 3; i++) rate.exceeded();
    now += 1e9;
    expect([rate.exceeded(), rate.exceeded(), rate.exceeded(), rate.exceeded()]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('is a bucket of tokens', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), gaps, (perSecond, waits) => {
        let now = 0;
        const rate = new FrameRate(perSecond, () => now);
        // In thousandths of a token, which are whole numbers: a millisecond brings `perSecond` of them.
        let tokens = perSecond * 1000;
        for (const wait of waits) {
          now += wait;
          tokens = Math.min(perSecond * 1000, tokens + wait * perSecond) - 1000;
          expect(rate.exceeded()).toBe(tokens < 0);
          if (tokens < 0) return;
        }
      }),
    );
  });
});
