import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the entries of the package: the paths of `exports` in package.json, each with its name in dist and its source.
 *
 * @param source - The folder src.
 * @throws {Error} A path has no source.
 */
export function entryPoints(manifest, source) {
  return Object.keys(manifest.exports)
    .filter((path) => path !== './package.json')
    .map((path) => {
      const name = path === '.' ? 'index' : path.slice('./'.length);
      const file = [`${name}.ts`, `${name}/index.ts`].map((file) => join(source, file)).find(existsSync);
      if (file === undefined)
        throw new Error(`package.json exports ${path}, and src has neither ${name}.ts nor ${name}/index.ts`);
      return { path, name, file };
    });
}
