// Runs one job: one wstest and one echo peer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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
 * @param suite - From environment.mjs. @param options - directory, implementation, via (a seed for a chopping proxy, `h2`, or `undefined`).
 * @param onCase - Called as each case begins.
 */
export async function runJob(job, suite, options, onCase) {
  mkdirSync(options.directory, { recursive: true });
  await (job.role === 'server' ? testServer : testClient)(job, suite, options, onCase);
  return readJob(options.directory, job.cases);
}

async function testServer(job, suite, options, onCase) {
  const echo = start('echo-server.mjs', [options.implementation, ...viaArguments(options)]);
  const port = await firstLine(echo);
  const wstest = startSuite(suite, 'fuzzingclient', options, {
    outdir: options.directory,
    servers: [{ agent: options.implementation, url: `ws://127.0.0.1:${port}` }],
    cases: job.cases,
    'exclude-cases': [],
    'exclude-agent-cases': {},
  });
  createInterface(wstest.stdout).on('line', (line) => {
    if (line.startsWith('Running test case')) onCase();
  });
  await ended(wstest);
  await stop(echo);
}

async function testClient(job, suite, options, onCase) {
  const port = await freePort();
  const wstest = startSuite(suite, 'fuzzingserver', options, {
    url: `ws://127.0.0.1:${port}`,
    outdir: options.directory,
    cases: job.cases,
    'exclude-cases': [],
    'exclude-agent-cases': {},
  });
  wstest.stdout.resume();
  await untilListening(port, wstest);
  const echo = start('echo-client.mjs', [options.implementation, String(port), ...viaArguments(options)]);
  createInterface(echo.stdout).on('line', onCase);
  await ended(echo);
  await stop(wstest);
}

function viaArguments({ via }) {
  return via === undefined ? [] : [via];
}

/** The first line that a child prints; an error when it ends before that. */
async function firstLine(child) {
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  if (line === undefined) throw new Error('the echo peer ended before it listened');
  return line;
}

function start(script, args) {
  return track(
    spawn(process.execPath, [join(here, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

function startSuite(suite, mode, { directory }, spec) {
  const file = join(directory, 'spec.json');
  writeFileSync(file, JSON.stringify(spec));
  // Without -u 0 a fuzzing server serves a page on port 8080 as well, which two at a time cannot.
  const child = track(suite.wstest(['-m', mode, '-s', file, '-u', '0']));
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
