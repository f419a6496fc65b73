import { describe, expect, it } from 'vitest';
import { logarithmic, roundUp } from '../../bench/svg.mjs';

describe('roundUp', () => {
  it('ends an axis at a round figure', () => {
    expect([0.3, 1, 4.1, 9.9, 58, 475].map(roundUp)).toEqual([0.5, 1, 5, 10, 100, 500]);
  });
});

describe('logarithmic', () => {
  it('has equal steps for equal ratios, and nothing outside', () => {
    const place = logarithmic(10, 1000, 0, 200);
    expect([10, 100, 1000, 1, 5000].map(place)).toEqual([0, 100, 200, 0, 200]);
  });
});
