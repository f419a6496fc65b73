import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { settings } from '../settings.mjs';

/** Runs a script of the suite in a process of its own; returns how that ended. */
function runChild(scope, name, [program, ...args] = settings.command) {
  const script = fileURLToPath(new URL(`../children/${name}.mjs`, import.meta.url));
  const child = spawn(program, [...args, script], { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** The command of Deno with rights to the loopback, and no others. */
function withNetworkRights() {
  return settings.command.map((arg) => (arg === '--allow-all' ? '--allow-net=127.0.0.1' : arg));
}

const ofDeno = {
  'works with network rights alone': async (scope) => {
    const { code, output, errors } = await runChild(scope, 'closes-everything', withNetworkRights());
    assert.deepEqual({ code, output, errors }, { code: 0, output: 'all closed\n', errors: '' });
  },
};

export const processEnd = {
  feature: 'end of the process',
  cases: {
    ...(settings.kind === 'deno' ? ofDeno : {}),
    'comes by itself when everything is closed': async (scope) => {
      const { code, output, errors } = await runChild(scope, 'closes-everything');
      assert.deepEqual({ code, output, errors }, { code: 0, output: 'all closed\n', errors: '' });
    },
    'comes by an exception in a listener': async (scope) => {
      const { code, errors } = await runChild(scope, 'throws-in-listener');
      assert.notEqual(code, 0);
      assert.match(errors, /thrown by the application/);
    },
  },
};
