// Runs one job: one wstest, one echo peer, and the proxy between them where one is wanted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChoppingProxy } from './chopping-proxy.mjs';
import { readJob } from './results.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Processes to end in every outcome. */
const children = new Set();

export function killChildren() {
  for (const child of children) child.kill('SIGKILL');
}

/**
 * Runs `job` and returns its results by case.
 *
 * @param suite - From environment.mjs. @param options - directory, implementation, chopSeed (`undefined` for no proxy).
 * @param onCase - Called as each case begins.
 */
export async function runJob(job, suite, options, onCase) {
  mkdirSync(options.directory, { recursive: true });
  await (job.role === 'server' ? testServer : testClient)(job, suite, options, onCase);
  return readJob(options.directory, job.cases);
}

async function testServer(job, suite, options, onCase) {
  const echo = start('echo-server.mjs', [options.implementation]);
  const port = Number((await once(createInterface(echo.stdout), 'line'))[0]);
  const proxy = await startProxy(port, options);
  const wstest = startSuite(suite, 'fuzzingclient', options, {
    outdir: options.directory,
    servers: [{ agent: options.implementation, url: `ws://127.0.0.1:${proxy?.address().port ?? port}` }],
    cases: job.cases,
    'exclude-cases': [],
    'exclude-agent-cases': {},
  });
  createInterface(wstest.stdout).on('line', (line) => {
    if (line.startsWith('Running test case')) onCase();
  });
  await ended(wstest);
  proxy?.close();
  await stop(echo);
}

async function testClient(job, suite, options, onCase) {
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}`;
  const wstest = startSuite(suite, 'fuzzingserver', options, {
    url,
    outdir: options.directory,
    cases: job.cases,
    'exclude-cases': [],
    'exclude-agent-cases': {},
  });
  wstest.stdout.resume();
  await untilListening(port, wstest);
  const proxy = await startProxy(port, options);
  const clientUrl = proxy === undefined ? url : `ws://127.0.0.1:${proxy.address().port}`;
  const echo = start('echo-client.mjs', [options.implementation, clientUrl]);
  createInterface(echo.stdout).on('line', onCase);
  await ended(echo);
  proxy?.close();
  await stop(wstest);
}

function startProxy(targetPort, { chopSeed }) {
  return chopSeed === undefined ? undefined : startChoppingProxy(0, () => targetPort, chopSeed);
}

function start(script, args) {
  return track(
    spawn(process.execPath, [join(here, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

function startSuite(suite, mode, { directory }, spec) {
  const file = join(directory, 'spec.json');
  writeFileSync(file, JSON.stringify(spec));
  const child = track(suite.wstest(['-m', mode, '-s', file]));
  child.stderr.resume();
  return child;
}

function track(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function stop(child) {
  child.kill('SIGTERM');
  await ended(child);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port, child) {
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`wstest ended with code ${child.exitCode} before it listened`);
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
