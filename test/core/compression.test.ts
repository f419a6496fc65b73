import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { maxDeflatedBytes } from '../../src/core/compression.ts';

describe('maxDeflatedBytes', () => {
  const settings = [0, 1, 6, 9].flatMap((level) =>
    [1, 8, 9].flatMap((memLevel) => [9, 15].map((windowBits) => ({ level, memLevel, windowBits }))),
  );

  it.each(settings)('is no less than what zlib makes of noise with %o', (options) => {
    for (const length of [0, 1, 2, 100, 1000, 70_000]) {
      for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_FIXED]) {
        const flush = { ...options, strategy, finishFlush: constants.Z_SYNC_FLUSH };
        expect(deflateRawSync(randomBytes(length), flush).length).toBeLessThanOrEqual(
          maxDeflatedBytes(length),
        );
      }
    }
  });

  it("is no less than zlib's own deflateBound for what is not its default", () => {
    for (const length of [0, 1, 63, 64, 65, 4096, 1_000_000]) {
      const bound = length + ((length + 7) >> 3) + ((length + 63) >> 6) + 5;
      expect(maxDeflatedBytes(length)).toBeGreaterThanOrEqual(bound);
    }
  });

  it('is a seventh more at most, where messages are not short', () => {
    expect(maxDeflatedBytes(1_000_000) / 1_000_000).toBeLessThan(8 / 7);
    expect(maxDeflatedBytes(Number.MAX_SAFE_INTEGER)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });
});
