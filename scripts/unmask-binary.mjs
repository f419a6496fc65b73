import wabt from 'wabt';

/** Returns the binary of a WebAssembly text, in base64. */
export async function unmaskBinary(text) {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('unmask.wat', text, { simd: true }).toBinary({});
  return Buffer.from(buffer).toString('base64');
}
