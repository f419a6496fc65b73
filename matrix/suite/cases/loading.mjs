import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as imported from 'hawser';
import { settings } from '../settings.mjs';

const require = createRequire(import.meta.url);
const project = realpathSync(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Where the code of a WebSocket class is, as the stack of what it throws has it. */
function sourceOf(WebSocket) {
  try {
    new WebSocket('no URL');
  } catch (error) {
    return error.stack;
  }
  return 'it threw nothing';
}

function inPackage(name) {
  return [project, 'node_modules', name, 'dist', ''].join(sep);
}

export const loading = {
  feature: 'import and require',
  cases: {
    'runs on the runtime that it should': () => {
      const { bun, deno, node } = process.versions;
      const versions = { bun, deno, node };
      assert.equal(versions[settings.kind], settings.version);
      if (settings.kind === 'node') assert.deepEqual({ bun, deno }, { bun: undefined, deno: undefined });
      assert.equal(typeof globalThis.Bun !== 'undefined', settings.kind === 'bun');
      assert.equal(typeof globalThis.Deno !== 'undefined', settings.kind === 'deno');
    },
    'import gives the class and its named exports': () => {
      assert.equal(typeof imported.default, 'function');
      assert.equal(imported.WebSocket, imported.default);
      assert.equal(imported.WebSocketServer.name, 'WebSocketServer');
    },
    'require gives the same class': () => {
      const required = require('hawser');
      assert.equal(required, imported.default);
      assert.equal(required.WebSocketServer, imported.WebSocketServer);
    },
    'the code is that of the installed tarball': () => {
      assert.ok(realpathSync(require.resolve('hawser')).startsWith(inPackage('hawser')));
      const source = sourceOf(imported.WebSocket);
      assert.ok(source.includes(inPackage('hawser')), source);
    },
    'hawser/core can be imported and required': async () => {
      const core = await import('hawser/core');
      assert.equal(core.Protocol.name, 'Protocol');
      assert.equal(require('hawser/core').Protocol, core.Protocol);
    },
    'installed under the name ws, import of ws gives Hawser': async () => {
      const { WebSocket } = await import('ws');
      const source = sourceOf(WebSocket);
      assert.ok(source.includes(inPackage('ws')), `import('ws') is another ws: ${source}`);
    },
    'installed under the name ws, require of ws gives Hawser': () => {
      const source = sourceOf(require('ws'));
      assert.ok(source.includes(inPackage('ws')), `require('ws') is another ws: ${source}`);
    },
  },
};
