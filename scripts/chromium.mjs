import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Finds Chromium: `CHROMIUM_PATH`, else on `PATH`; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findChromium({ install = false, env = process.env } = {}) {
  if (env.CHROMIUM_PATH) {
    return isExecutable(env.CHROMIUM_PATH)
      ? { executablePath: env.CHROMIUM_PATH }
      : { reason: `CHROMIUM_PATH is ${env.CHROMIUM_PATH}, which is no program that can be run` };
  }
  const found = onPath(NAMES, env);
  if (found !== undefined) return { executablePath: found };
  if (!install) return { reason: `Chromium is missing: install it, or name it in CHROMIUM_PATH` };
  return installWithApt(env);
}

/** Gives playwright's launch options; it makes a new profile for each launch, and removes it afterwards. */
export function chromiumLaunchOptions(executablePath) {
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  // Chromium refuses to run its sandbox as root.
  if (isRoot()) args.push('--no-sandbox');
  return { executablePath, headless: true, args };
}

function installWithApt(env) {
  if (onPath(['apt-get'], env) === undefined) {
    return { reason: 'Chromium is missing, and there is no apt-get to install it with: set CHROMIUM_PATH' };
  }
  if (!isRoot()) {
    return { reason: 'Chromium is missing: run `sudo apt-get install chromium`, or set CHROMIUM_PATH' };
  }
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env: aptEnv });
    if (status !== 0) return { reason: `Chromium is missing, and \`apt-get ${args.join(' ')}\` failed` };
  }
  const executablePath = onPath(NAMES, env);
  return executablePath === undefined
    ? { reason: 'Chromium is missing even though apt-get installed the package of that name' }
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

function isRoot() {
  return process.getuid?.() === 0;
}
