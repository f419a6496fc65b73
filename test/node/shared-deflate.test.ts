import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deflateAlone } from '../../src/node/shared-deflate.ts';

it('compresses what any receiver inflates without a context (RFC 7692 §7.2.2)', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000, size: 'max' }),
      fc.integer({ min: 9, max: 15 }),
      (payload, windowBits) => {
        const compressed = deflateAlone(payload, { windowBits, options: undefined });
        const stream = Buffer.concat([compressed, Buffer.from([0x00, 0x00, 0xff, 0xff, 0x03, 0x00])]);
        expect(inflateRawSync(stream, { windowBits })).toEqual(Buffer.from(payload));
      },
    ),
    { numRuns: 50 },
  );
});

it('goes by the options', () => {
  const payload = Buffer.alloc(1000, 'abcd');
  const stored = deflateAlone(payload, { windowBits: 15, options: { level: 0 } });
  expect(stored.length).toBeGreaterThan(1000);
  expect(deflateAlone(payload, { windowBits: 15, options: undefined }).length).toBeLessThan(100);
});
