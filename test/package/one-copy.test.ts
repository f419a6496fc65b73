import { describe, expect, it } from 'vitest';
import { createProject } from './project.ts';

/** Sends one message there and back with the two classes, and prints what came. */
const ECHO = `
module.exports = async function echo(WebSocket, WebSocketServer) {
  const { once } = require('node:events');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })));
  await once(server, 'listening');
  const ws = new WebSocket('ws://127.0.0.1:' + server.address().port);
  await once(ws, 'open');
  ws.send('hello');
  const [data] = await once(ws, 'message');
  ws.close();
  await once(ws, 'close');
  await new Promise((resolve) => server.close(resolve));
  return 'echo: ' + data;
};
`;

const CHECKED = `
const same = {
  'a class': typeof WebSocket === 'function',
  'WebSocket': WebSocket.WebSocket === WebSocket,
  'WebSocketServer': WebSocket.WebSocketServer === WebSocketServer,
  'Server': WebSocket.Server === WebSocketServer,
};
for (const name in same) if (!same[name]) throw new Error('not the same: ' + name);
`;

const REQUIRING = `
const WebSocket = require('hawser');
const { WebSocketServer } = WebSocket;
const echo = require('./echo.cjs');
${CHECKED}
`;

const IMPORTING = `
import { createRequire } from 'node:module';
import Default, { WebSocket, WebSocketServer } from 'hawser';
import { ProtocolError } from 'hawser/core';
const requireHere = createRequire(__filename_or_url);
const echo = requireHere('./echo.cjs');
if (Default !== WebSocket) throw new Error('not the same: default and named');
if (requireHere('hawser') !== WebSocket) throw new Error('not the same: import and require');
if (requireHere('hawser/core').ProtocolError !== ProtocolError) throw new Error('not the same: ProtocolError');
${CHECKED}
`;

const IMPORTING_ESM = IMPORTING.replace('__filename_or_url', 'import.meta.url');
const IMPORTING_CJS = IMPORTING.replace('__filename_or_url', '__filename');
const PRINT = `echo(WebSocket, WebSocketServer).then(console.log);`;
const PRINTED = { code: 0, output: 'echo: hello\n' };

describe('plain Node', () => {
  it('requires the class itself', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.cjs': REQUIRING + PRINT });
    expect(await project.node('main.cjs')).toEqual(PRINTED);
  });

  it('imports the very class that it requires', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.mjs': IMPORTING_ESM + PRINT });
    expect(await project.node('main.mjs')).toEqual(PRINTED);
  });
});

describe('tsx', () => {
  it('runs TypeScript that is compiled to CommonJS', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.cts': IMPORTING_CJS + PRINT });
    expect(await project.tool('tsx', ['main.cts'])).toEqual(PRINTED);
  });

  it('runs TypeScript in a package without "type"', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.ts': IMPORTING_CJS + PRINT });
    expect(await project.tool('tsx', ['main.ts'])).toEqual(PRINTED);
  });

  it('runs TypeScript that is compiled to ESM', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.mts': IMPORTING_ESM + PRINT });
    expect(await project.tool('tsx', ['main.mts'])).toEqual(PRINTED);
  });
});

describe('jest', () => {
  const jest = ['--ci', '--watchman=false', '--testMatch', '**/*.test.*'];
  const TEST = `test('echo', async () => expect(await echo(WebSocket, WebSocketServer)).toBe('echo: hello'));`;

  it('requires the class itself', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.test.js': REQUIRING + TEST });
    const { code, output } = await project.tool('jest', jest);
    expect(output).toContain('1 passed');
    expect(code).toBe(0);
  });

  it('imports the very class that it requires', async () => {
    const project = createProject({ 'echo.cjs': ECHO, 'main.test.mjs': IMPORTING_ESM + TEST });
    const { code, output } = await project.tool(
      'jest',
      [...jest, '--moduleFileExtensions', 'js', 'mjs', 'cjs'],
      { NODE_OPTIONS: '--experimental-vm-modules' },
    );
    expect(output).toContain('1 passed');
    expect(code).toBe(0);
  });
});

describe('esbuild', () => {
  const bundle = [
    '--bundle',
    '--platform=node',
    '--outfile=bundle.cjs',
    '--format=cjs',
    '--log-level=warning',
  ];

  it('bundles ESM to CommonJS', async () => {
    const source = `
      import Default, { WebSocket, WebSocketServer } from 'hawser';
      import echo from './echo.cjs';
      if (Default !== WebSocket) throw new Error('not the same: default and named');
      ${CHECKED + PRINT}`;
    const project = createProject({ 'echo.cjs': ECHO, 'main.mjs': source });
    expect(await project.tool('esbuild', ['main.mjs', ...bundle])).toEqual({ code: 0, output: '' });
    expect(await project.node('bundle.cjs')).toEqual(PRINTED);
  });

  it('bundles one copy for code that imports and code that requires', async () => {
    const source = `
      import WebSocket, { WebSocketServer } from 'hawser';
      import required from './required.cjs';
      import echo from './echo.cjs';
      if (WebSocket !== required) throw new Error('not the same: import and require');
      ${CHECKED + PRINT}`;
    const project = createProject({
      'echo.cjs': ECHO,
      'required.cjs': `module.exports = require('hawser');`,
      'main.mjs': source,
    });
    expect(await project.tool('esbuild', ['main.mjs', ...bundle])).toEqual({ code: 0, output: '' });
    expect(await project.node('bundle.cjs')).toEqual(PRINTED);
  });

  it('bundles hawser/core for browsers, with nothing of Node in it', async () => {
    const source = `import { Protocol } from 'hawser/core'; console.log(Protocol.name);`;
    const project = createProject({ 'main.mjs': source });
    const browser = [
      '--bundle',
      '--platform=browser',
      '--format=esm',
      '--outfile=bundle.mjs',
      '--log-level=warning',
    ];
    expect(await project.tool('esbuild', ['main.mjs', ...browser])).toEqual({ code: 0, output: '' });
    expect(await project.node('bundle.mjs')).toEqual({ code: 0, output: 'Protocol\n' });
  });
});
