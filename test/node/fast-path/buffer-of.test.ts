import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bufferOf } from '../../../src/node/fast-path/buffer-of.ts';

it('makes what Buffer.from makes', () => {
  const memory = Uint8Array.from({ length: 64 }, (_, i) => i).buffer;
  fc.assert(
    fc.property(fc.nat(64), fc.nat(64), (start, wanted) => {
      const length = Math.min(wanted, 64 - start);
      const made = bufferOf(memory, start, length);
      const expected = Buffer.from(memory, start, length);
      expect(made).toStrictEqual(expected);
      expect(Object.getPrototypeOf(made)).toBe(Buffer.prototype);
      expect([made.buffer, made.byteOffset]).toEqual([memory, start]);
      expect(made.toString('latin1')).toBe(expected.toString('latin1'));
    }),
  );
});
