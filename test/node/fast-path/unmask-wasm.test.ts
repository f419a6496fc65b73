import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unmaskBinary } from '../../../scripts/unmask-binary.mjs';
import { UNMASK_WASM } from '../../../src/node/fast-path/unmask-wasm.ts';

it('is the binary of unmask.wat', async () => {
  const text = readFileSync(new URL('../../../src/node/fast-path/unmask.wat', import.meta.url), 'utf8');
  expect(UNMASK_WASM).toBe(await unmaskBinary(text));
});
