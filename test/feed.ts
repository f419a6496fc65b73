/** What is fed after the bytes under test: the start of a frame that doesn't end, and no HTTP. */
export const TRAILING_BYTES: Uint8Array = Uint8Array.of(0x82);

/**
 * Cuts `bytes` in the three ways that every parser has to take them: whole, byte by byte, and with bytes behind
 * them that belong to something else.
 *
 * @returns The chunks of each way. No two share memory, so a parser may change what it is given.
 */
export function threeWays(bytes: Uint8Array, trailing: Uint8Array = TRAILING_BYTES): Uint8Array[][] {
  const whole = Uint8Array.from(bytes);
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const followed = Uint8Array.from([...bytes, ...trailing]);
  return [[whole], single, [followed]];
}
