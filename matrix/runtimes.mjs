// The runtimes that Hawser is tried on, their exact versions, and how to install and start them.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const INSTALL_LIMIT_MS = 10 * 60_000;

/**
 * `package` is the npm package that carries the program, under the same name; `args` go before the script.
 * A new version is tried by changing it here.
 */
export const RUNTIMES = [
  { name: 'node20', title: 'Node 20', kind: 'node', package: 'node', version: '20.20.2', args: [] },
  { name: 'node24', title: 'Node 24', kind: 'node', package: 'node', version: '24.21.0', args: [] },
  { name: 'node26', title: 'Node 26', kind: 'node', package: 'node', version: '26.10.0', args: [] },
  { name: 'bun', title: 'Bun', kind: 'bun', package: 'bun', version: '1.4.5', args: ['run'] },
  {
    name: 'deno',
    title: 'Deno',
    kind: 'deno',
    package: 'deno',
    version: '2.9.6',
    // Everything comes from the project's node_modules: nothing is fetched.
    args: ['run', '--allow-all', '--no-remote', '--node-modules-dir=manual', '--no-prompt', '--quiet'],
  },
];

/** What the others talk to. */
export const REFERENCE = 'node20';

/**
 * Installs a runtime into `cache`, or takes the one that is there.
 *
 * @returns The command that runs a script on it.
 */
export async function installRuntime(runtime, cache) {
  const folder = join(cache, runtime.name);
  if (installedVersion(folder, runtime) !== runtime.version) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const wanted = `${runtime.package}@${runtime.version}`;
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--save-exact', wanted], {
      cwd: folder,
      timeout: INSTALL_LIMIT_MS,
    });
  }
  return [realpathSync(programOf(folder, runtime)), ...runtime.args];
}

function installedVersion(folder, runtime) {
  const file = join(folder, 'node_modules', runtime.package, 'package.json');
  // An install that broke off leaves the package without its program.
  if (!existsSync(file) || !existsSync(programOf(folder, runtime))) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function programOf(folder, runtime) {
  return join(folder, 'node_modules', '.bin', runtime.package);
}
