import assert from 'node:assert/strict';
import { runChild } from '../child.mjs';
import { settings } from '../settings.mjs';

/** The command of Deno with rights to the loopback, and no others. */
function withNetworkRights() {
  return settings.command.map((arg) => (arg === '--allow-all' ? '--allow-net=127.0.0.1' : arg));
}

const ofDeno = {
  'works with network rights alone': async (scope) => {
    const { code, output, errors } = await runChild(scope, 'closes-everything', {
      command: withNetworkRights(),
    });
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
