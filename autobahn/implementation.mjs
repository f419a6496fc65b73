/** Loads what is tested: Hawser as it is built, or `ws` beside it. */
export async function load(name) {
  return name === 'ws' ? import('ws') : import('../dist/index.mjs');
}
