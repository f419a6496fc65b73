import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.mjs';
import { npm } from './npm.mjs';
import { WS_VERSION } from './table.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const PACK_LIMIT_MS = 120_000;

/**
 * Packs what the chosen engines need, into `folder`.
 *
 * @returns For each engine: `spec`, what npm installs as `ws`; `identity`, which changes when the engine does;
 *   `packageName`, the name in the package.json that must then lie in node_modules/ws.
 */
export async function prepareEngines(names, folder) {
  const engines = { ws: { spec: WS_VERSION, identity: WS_VERSION, packageName: 'ws' } };
  if (names.some((name) => name !== 'ws')) {
    rmSync(folder, { recursive: true, force: true });
    engines.hawser = await pack(root, join(folder, 'hawser'));
  }
  if (names.includes('broken')) {
    copyBroken(engines.hawser.files, join(folder, 'broken-source'));
    engines.broken = await pack(join(folder, 'broken-source'), join(folder, 'broken'), '--ignore-scripts');
  }
  return engines;
}

async function pack(source, destination, ...options) {
  mkdirSync(destination, { recursive: true });
  const command = npm('pack', '--silent', '--json', '--pack-destination', destination, ...options);
  const { code, output } = await runChild(command, { cwd: source, limitMs: PACK_LIMIT_MS });
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  // What the build prints comes first.
  const [{ filename, integrity, files }] = JSON.parse(output.slice(output.search(/^\[$/m)));
  return {
    spec: `file:${join(destination, filename)}`,
    identity: integrity,
    packageName: 'hawser',
    files: files.map(({ path }) => path),
  };
}

function copyBroken(files, copy) {
  for (const file of files) cpSync(join(root, file), join(copy, file));
  const entry = join(copy, 'dist/index.js');
  writeFileSync(entry, readFileSync(entry, 'utf8') + readFileSync(join(here, 'broken.cjs'), 'utf8'));
}
