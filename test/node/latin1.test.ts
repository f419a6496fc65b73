import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeLatin1 as plain } from '../../src/handshake/latin1.ts';
import { decodeLatin1 } from '../../src/node/latin1.ts';

it('does what the plain way does, wherever the bytes are in their memory', () => {
  const bytes = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(bytes, fc.nat({ max: 64 }), fc.nat({ max: 64 }), (memory, a, b) => {
      const view = memory.subarray(Math.min(3, memory.length));
      const [start, end] = [Math.min(a, b, view.length), Math.min(Math.max(a, b), view.length)];
      expect(decodeLatin1(view, start, end)).toBe(plain(view, start, end));
    }),
  );
});
