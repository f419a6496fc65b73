import { describe, expect, it } from 'vitest';
import { createProject } from './project.ts';

/** Connects through a SOCKS proxy that is not there, and prints the code of what goes wrong. */
const PROGRAM = `
import { WebSocket } from 'hawser';

const ws = new WebSocket('ws://a.test', { proxy: 'socks5h://127.0.0.1:' + process.argv[2] });
ws.on('error', ({ code, message }) => console.log(code, message));
`;

/** The same, with a proxy that takes connections, and that is what it does. */
const WITH_PROXY = `
import { createServer } from 'node:net';

const server = createServer((socket) => socket.on('error', () => {}).on('close', () => server.close()).resume());
server.listen(0, '127.0.0.1', () => {
  process.argv[2] = String(server.address().port);
  void import('./program.mjs');
});
`;

const MISSING = 'WS_ERR_SOCKS_MISSING SOCKS proxies need the package "socks": npm install socks\n';

describe('without the package socks', () => {
  it('a SOCKS proxy is an error that says what to do', async () => {
    const project = createProject({ 'program.mjs': PROGRAM, 'main.mjs': WITH_PROXY });
    expect(await project.node('main.mjs')).toEqual({ code: 0, output: MISSING });
  });

  it('a program can be bundled', async () => {
    const project = createProject({ 'program.mjs': PROGRAM, 'main.mjs': WITH_PROXY });
    const args = ['--bundle', '--platform=node', '--format=cjs', '--log-level=error', '--outdir=out'];
    const bundled = await project.tool('esbuild', ['main.mjs', 'program.mjs', ...args]);
    expect(bundled).toEqual({ code: 0, output: '' });
    expect(await project.node('out/main.js')).toEqual({ code: 0, output: MISSING });
  });
});

it('with it, the proxy is asked', async () => {
  const project = createProject({ 'program.mjs': PROGRAM }, ['socks', 'smart-buffer', 'ip-address']);
  const { output } = await project.node('program.mjs', '1');
  expect(output).toMatch(/^WS_ERR_PROXY_UNREACHABLE /);
});
