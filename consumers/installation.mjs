import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.mjs';
import { npm } from './npm.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const INSTALL_LIMIT_MS = 300_000;

/** Installs a consumer with an engine in place of `ws`, unless `folder` has just that already; gives the seconds. */
export async function install(consumer, engine, folder) {
  const started = performance.now();
  const manifest = JSON.stringify(manifestOf(consumer, engine), undefined, 2);
  const stamp = `${engine.identity}\n${manifest}`;
  const stampFile = join(folder, 'installed.txt');
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    // From nothing: npm takes an override from the lock file or from what is installed, even if it has changed.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    const command = npm('install', '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier');
    const { code, output } = await runChild(command, { cwd: folder, limitMs: INSTALL_LIMIT_MS });
    if (code !== 0) throw new Error(`npm install failed in ${folder}:\n${output}`);
    writeFileSync(stampFile, stamp);
  }
  copyScenario(consumer, folder);
  return (performance.now() - started) / 1000;
}

/** What a user writes to get Hawser for `ws` all through the tree: the override, here for the project itself as well. */
function manifestOf({ name, packages, example }, { spec, packageName }) {
  const manifest = { name: `consumer-of-${name.replace(/\W/g, '-')}`, private: true };
  if (example === undefined) {
    return { ...manifest, dependencies: { ...packages, ws: spec }, overrides: { ws: spec } };
  }
  const hawser = packageName === 'ws' ? `npm:ws@${spec}` : spec;
  return { ...manifest, dependencies: { ...packages, hawser } };
}

/** Beside node_modules, where the imports of a scenario find the packages. */
function copyScenario({ name, example }, folder) {
  const parts = { scenario: join(here, 'scenario'), [name]: join(here, name) };
  if (example !== undefined) parts.example = join(dirname(here), 'examples', example);
  for (const [part, source] of Object.entries(parts)) {
    rmSync(join(folder, part), { recursive: true, force: true });
    cpSync(source, join(folder, part), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
  }
}
