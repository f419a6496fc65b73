import assert from 'node:assert/strict';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const modules = join(realpathSync(dirname(dirname(fileURLToPath(import.meta.url)))), 'node_modules') + sep;
const ENGINES = ['ws', 'hawser'];
/** The name by which the engine is imported. */
const MODULE = process.env.CONSUMER_MODULE;

/** Makes sure that the scenario, and each package that uses `ws`, gets the engine that is meant; gives its version. */
export function assertUsersResolveEngine() {
  const users = process.env.CONSUMER_USERS.split(',').filter(Boolean).map(entryOf);
  const found = [fileURLToPath(import.meta.url), ...users].map((file) =>
    manifestOf(createRequire(file).resolve(MODULE)),
  );
  for (const { name } of found) assert.equal(name, process.env.CONSUMER_ENGINE);
  return `${found[0].name} ${found[0].version}`;
}

function entryOf(user) {
  const entry = fileURLToPath(import.meta.resolve(user));
  assert.ok(entry.startsWith(modules), `${user} would be loaded from ${entry}, outside of ${modules}`);
  return entry;
}

/** Makes sure that the engine that is meant was loaded; and no other, where it was put in the place of `ws`. */
export function assertEngineLoaded() {
  const files = Object.keys(require.cache).filter((file) => file.startsWith(modules));
  const loaded = new Set(files.map((file) => manifestOf(file).name).filter((name) => ENGINES.includes(name)));
  assert.ok(loaded.has(process.env.CONSUMER_ENGINE));
  if (MODULE === 'ws') assert.equal(loaded.size, 1, `loaded: ${[...loaded]}`);
}

/** Reads the package.json of the package that a file belongs to; those without a name only set the module type. */
function manifestOf(file) {
  for (let folder = dirname(file); folder.length >= modules.length; folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (manifest.name !== undefined) return manifest;
    } catch {
      // None here: it is in a folder above.
    }
  }
  throw new Error(`${file} belongs to no package in ${modules}`);
}
