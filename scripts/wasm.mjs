// Puts the binary of unmask.wat into a module: `npm run wasm`.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unmaskBinary } from './unmask-binary.mjs';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'node', 'fast-path');
const binary = await unmaskBinary(await readFile(join(folder, 'unmask.wat'), 'utf8'));
const lines = [
  '/** The binary of unmask.wat, in base64: `npm run wasm` writes this file. */',
  `export const UNMASK_WASM = '${binary}';`,
  '',
];
await writeFile(join(folder, 'unmask-wasm.ts'), lines.join('\n'));
