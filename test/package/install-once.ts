import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.ts';

/**
 * Installs packages of the registry beside the dev dependencies, the first time, and returns their node_modules.
 *
 * @param folder - Below `.cache`; one for each set of packages.
 * @param packages - Each with its version, as `npm install` takes it.
 */
export async function installOnce(folder: string, packages: readonly string[]): Promise<string> {
  const path = join(root, '.cache', folder);
  const modules = join(path, 'node_modules');
  // npm writes that file when all else is there.
  if (existsSync(join(modules, '.package-lock.json'))) return modules;
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', ...packages];
  const { code, output } = await run('npm', args, { cwd: path });
  if (code !== 0) throw new Error(`npm ended with ${code}:\n${output}`);
  return modules;
}
