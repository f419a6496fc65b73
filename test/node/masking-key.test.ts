import { expect, it, vi } from 'vitest';
import { generateMaskingKey, maskingKeyFrom } from '../../src/node/masking-key.ts';

/** Copies of all that the system's generator gave. */
const drawn = vi.hoisted(() => [] as Buffer[]);

vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof import('node:crypto')>();
  return {
    ...crypto,
    randomFillSync(target: Buffer) {
      crypto.randomFillSync(target);
      drawn.push(Buffer.from(target));
      return target;
    },
  };
});

const KEYS_PER_POOL = 2048;

it('hands out every byte of the generator once, across the ends of the pool', () => {
  const keys = Array.from({ length: 3 * KEYS_PER_POOL + 1 }, generateMaskingKey);
  expect(drawn).toHaveLength(4);
  const bytes = Buffer.concat(drawn);
  expect(keys).toEqual(keys.map((_, i) => bytes.readUInt32BE(4 * i)));
});

it('draws keys that are coarsely uniform, with all 256 values in each of the four bytes', () => {
  const total = 16 * KEYS_PER_POOL;
  const counts = [0, 1, 2, 3].map(() => new Array<number>(256).fill(0));
  for (let i = 0; i < total; i++) {
    const key = generateMaskingKey();
    counts.forEach((count, byte) => {
      const value = (key >>> (24 - 8 * byte)) & 0xff;
      count[value] = count[value]! + 1;
    });
  }
  const expected = total / 256;
  for (const count of counts) {
    expect(Math.min(...count)).toBeGreaterThan(0);
    // Chi-square with 255 degrees of freedom: 255 ± 22.6; this leaves some seven deviations each way.
    const chiSquare = count.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeGreaterThan(100);
    expect(chiSquare).toBeLessThan(420);
  }
});

it('draws keys of 32 bits without a sign', () => {
  const keys = Array.from({ length: 1000 }, generateMaskingKey);
  expect(keys.every((key) => Number.isInteger(key) && key >= 0 && key <= 0xffff_ffff)).toBe(true);
  expect(keys.some((key) => key > 0x7fff_ffff)).toBe(true);
});

it('reads the key that a custom function fills in, first byte highest', () => {
  const generate = maskingKeyFrom((key) => key.set([0xff, 2, 3, 4]));
  expect(generate()).toBe(0xff02_0304);
});

it('gives a custom function a key of zeros first', () => {
  maskingKeyFrom((key) => key.fill(1))();
  expect(maskingKeyFrom(() => {})()).toBe(0);
});

it('gives a custom function four bytes, each time', () => {
  let calls = 0;
  const generate = maskingKeyFrom((key) => {
    expect(key).toHaveLength(4);
    key.fill(++calls);
  });
  expect([generate(), generate()]).toEqual([0x0101_0101, 0x0202_0202]);
});
