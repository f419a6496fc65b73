import fc from 'fast-check';
import type { DeflateNegotiationOptions } from '../../src/handshake/deflate-offer.ts';

/** Makes options of a negotiation, any of them left out; `bits` are window bits. */
export function deflateOptions(
  bits: fc.Arbitrary<number | boolean | undefined>,
): fc.Arbitrary<DeflateNegotiationOptions> {
  return fc.record(
    {
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      serverMaxWindowBits: bits,
      clientMaxWindowBits: bits,
    },
    { requiredKeys: [] },
  );
}
