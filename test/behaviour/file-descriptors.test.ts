import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { echo, expectEcho, openClient, startTestServer } from './engine.ts';
import type { DialReport } from './file-descriptors-child.ts';

const child = fileURLToPath(new URL('./file-descriptors-child.ts', import.meta.url));
/** A part of these is Node's own. */
const DESCRIPTORS = 64;
const CONNECTIONS = 100;

/** Starts the child with few file descriptors. */
function startStarved(...args: string[]): ChildProcess {
  const command = [process.execPath, '--import', 'tsx', child, ...args];
  const starved = spawn('sh', ['-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    starved.kill();
  });
  return starved;
}

it('a server without file descriptors keeps those that it has, and serves others when they are gone', async () => {
  const server = startStarved();
  const exited = once(server, 'exit');
  const [port] = await once(server, 'message');
  const url = `ws://127.0.0.1:${port}/`;
  const all = Array.from({ length: CONNECTIONS }, () => new WebSocket(url).on('error', () => {}));
  await Promise.all(all.map((ws) => new Promise((resolve) => ws.on('open', resolve).on('close', resolve))));
  const open = all.filter((ws) => ws.readyState === WebSocket.OPEN);
  expect(open.length).toBeGreaterThan(0);
  expect(open.length).toBeLessThan(DESCRIPTORS);
  await Promise.all(open.map((ws, i) => expectEcho(ws, `message ${i}`)));

  const empty = once(server, 'message');
  for (const ws of open) ws.terminate();
  expect(await empty).toEqual(['nobody is left', undefined]);
  const late = await openClient(url);
  await expectEcho(late, 'after');
  const emptyAgain = once(server, 'message');
  late.close(1000);
  expect(await emptyAgain).toEqual(['nobody is left', undefined]);
  server.disconnect();
  expect(await exited).toEqual([0, null]);
});

it('a client without file descriptors tells each attempt’s error and one end, and can dial again', async () => {
  const { wss, url } = await startTestServer();
  wss.on('connection', echo);
  const client = startStarved(url, String(CONNECTIONS));
  const exited = once(client, 'exit');
  const [report] = (await once(client, 'message')) as [DialReport];
  expect(report.opened).toBeGreaterThan(0);
  expect(report.codes.length).toBe(CONNECTIONS - report.opened);
  expect(new Set(report.codes)).toEqual(new Set(['EMFILE']));
  expect(report.closes).toEqual(Array.from({ length: CONNECTIONS }, () => 1));
  expect(report.echoed).toBe('after');
  expect(await exited).toEqual([0, null]);
});
