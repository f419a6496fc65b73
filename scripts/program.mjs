import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a program of the system: as its variable says, else on `PATH` and where Debian puts servers; with `install`, by
 * apt-get where that is possible.
 *
 * @param program - `title` for the reader, `names` that it goes by, the `package` that has it, and the `variable`.
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findProgram(program, { install = false, env: given = process.env } = {}) {
  const { title, names, variable } = program;
  // Debian's users don't have servers on their PATH.
  const env = { ...given, PATH: `${given.PATH ?? ''}:/usr/sbin` };
  const named = env[variable];
  if (named) {
    return isExecutable(named)
      ? { executablePath: named }
      : { reason: `${variable} is ${named}, which is no program that can be run` };
  }
  const found = onPath(names, env);
  if (found !== undefined) return { executablePath: found };
  if (!install) return { reason: `${title} is missing: install it, or name it in ${variable}` };
  return installWithApt(program, env);
}

export function isRoot() {
  return process.getuid?.() === 0;
}

function installWithApt({ title, names, package: name, variable }, env) {
  if (onPath(['apt-get'], env) === undefined) {
    return { reason: `${title} is missing, and there is no apt-get to install it with: set ${variable}` };
  }
  if (!isRoot()) {
    return { reason: `${title} is missing: run \`sudo apt-get install ${name}\`, or set ${variable}` };
  }
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env: aptEnv });
    if (status !== 0) return { reason: `${title} is missing, and \`apt-get ${args.join(' ')}\` failed` };
  }
  const executablePath = onPath(names, env);
  return executablePath === undefined
    ? { reason: `${title} is missing even though apt-get installed the package ${name}` }
    : { executablePath };
}

function onPath(names, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
