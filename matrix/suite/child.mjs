import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { settings } from './settings.mjs';

/** Runs a script of the suite in a process of its own, with `env` beside the environment; returns how that ended. */
export function runChild(scope, name, { command: [program, ...args] = settings.command, env = {} } = {}) {
  const script = fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url));
  const child = spawn(program, [...args, script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  scope.defer(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}
