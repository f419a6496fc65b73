import { describe, expect, it } from 'vitest';
import { summarize } from '../../bench/results.mjs';
import { SCENARIOS } from '../../bench/scenarios.mjs';
import { median, significant } from '../../bench/statistics.mjs';

const echo = SCENARIOS.find(({ id }) => id === 'echo-20-1')!;
const idle = SCENARIOS.find(({ id }) => id === 'idle')!;

describe('summarize', () => {
  it('divides each round by the same round of ws', () => {
    // The machine was half as fast in the second round: the medians alone would say 0.6.
    const hawser = [1, 2, 3].map((cost) => ({ cost, rate: 10, busy: 1, load: 0.5 }));
    const ws = [2, 5, 5].map((cost) => ({ cost, rate: 5, busy: 0.9, load: 0.7 }));
    const { peers, unit } = summarize(echo, { hawser, ws });
    expect(unit).toBe('µs');
    expect(peers.hawser).toEqual({
      cost: { median: 2, min: 1, max: 3 },
      ratios: { ws: { median: 0.5, min: 0.4, max: 0.6 } },
      rate: 10,
      busy: 1,
      load: 0.5,
    });
    expect(peers.ws!.ratios).toEqual({});
  });

  it('knows memory by its bytes alone', () => {
    const { peers, unit } = summarize(idle, { hawser: [{ cost: 6000 }], ws: [{ cost: 8000 }] });
    expect(unit).toBe('bytes');
    expect(peers.hawser).toEqual({
      cost: { median: 6000, min: 6000, max: 6000 },
      ratios: { ws: { median: 0.75, min: 0.75, max: 0.75 } },
    });
  });

  it('has no ratios without ws', () => {
    expect(summarize(idle, { hawser: [{ cost: 6000 }] }).peers.hawser!.ratios).toEqual({});
  });
});

describe('median', () => {
  it('is the middle by size, or between the two in the middle', () => {
    expect(median([10, 9, 100])).toBe(10);
    expect(median([10, 9, 100, 20])).toBe(15);
  });
});

describe('significant', () => {
  it('keeps three digits', () => {
    expect(significant(0.123456)).toBe(0.123);
    expect(significant(1_234_567)).toBe(1_230_000);
  });
});
