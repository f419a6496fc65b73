// npm test: installs what is missing, builds, and checks everything. See --help.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = join(root, '.cache', 'test');
const isCi = process.env.CI === 'true';
/** How long a child that takes too long has to end by itself. */
const GRACE_MS = 10_000;

/**
 * The steps in their order. `counts` says how many passed and failed, and may say which; without it a step counts as one.
 * `missing` returns the line that says why a step can't run here.
 */
const STEPS = [
  {
    name: 'install',
    minutes: 10,
    needed: () => !isInstalled(),
    // Not 'npm ci': it wants the optional packages of every other platform in the lock file.
    command: () => ['npm', 'install', '--no-save', '--no-audit', '--no-fund'],
  },
  { name: 'build', minutes: 2, command: () => node('scripts/build.mjs') },
  { name: 'types', minutes: 5, command: () => node('scripts/typecheck.mjs') },
  { name: 'lint', minutes: 2, command: () => [bin('biome'), 'check', '.'] },
  { minutes: 15, ...vitest('unit', '--coverage') },
  { minutes: 10, ...vitest('no-fast-path') },
  // The behaviour suite once more.
  { minutes: 10, ...vitest('h2') },
  { minutes: 10, ...vitest('redis'), missing: missingForRedis },
  { minutes: 5, ...vitest('system'), missing: missingPrograms },
  { minutes: 10, ...vitest('package') },
  { minutes: 10, ...vitest('e2e'), missing: missingForE2e },
  { name: 'docs', minutes: 5, command: () => node('scripts/docs.mjs') },
  {
    name: 'consumers',
    minutes: 15,
    command: () => node('consumers/run.mjs', '--quick'),
    counts: closingLine,
  },
  {
    name: 'autobahn',
    minutes: 45,
    missing: missingAutobahn,
    command: () => node('autobahn/run.mjs'),
    counts: closingLine,
  },
  {
    name: 'chopped',
    minutes: 30,
    missing: missingAutobahn,
    command: () => node('autobahn/run.mjs', '--chopped'),
    counts: closingLine,
  },
];

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, skip: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const children = new Set();

if (options.help) {
  console.log('npm test -- [--only unit,lint] [--skip autobahn,chopped]');
  console.log(`steps: ${STEPS.map(({ name }) => name).join(', ')}`);
} else {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(signal));
  await main();
}

async function main() {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const results = [];
  for (const step of chosenSteps()) results.push({ name: step.name, ...(await runStep(step)) });
  console.log('');
  for (const failure of results.flatMap(({ failures = [] }) => failures)) console.log(failure);
  for (const { name, passed, failed, seconds, note } of results) {
    const words = note ?? `${passed} passed, ${failed} failed, ${seconds} s`;
    console.log(`${failed > 0 ? 'FAIL' : ' ok '}  ${name.padEnd(10)} ${words}`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
}

function chosenSteps() {
  const only = options.only?.split(',');
  const skip = options.skip?.split(',') ?? [];
  const unknown = [...(only ?? []), ...skip].filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
  return STEPS.filter(({ name, needed }) => {
    // Nothing runs without what has to be installed: `needed` decides alone.
    const chosen = needed?.() ?? (only === undefined || only.includes(name));
    return chosen && !skip.includes(name);
  });
}

async function runStep(step) {
  console.log(`\n== ${step.name}`);
  const started = performance.now();
  const missing = await step.missing?.();
  if (missing !== undefined) {
    console.log(`${isCi ? 'failed' : 'skipped'}: ${missing}`);
    return {
      passed: 0,
      failed: isCi ? 1 : 0,
      seconds: 0,
      note: `${isCi ? 'failed' : 'skipped'}: ${missing}`,
    };
  }
  const { code, lastLines } = await run(step.command(), step.minutes);
  const seconds = Math.round((performance.now() - started) / 1000);
  return { ...count(step, code, lastLines), seconds };
}

/** A step that ended badly failed at least once, whatever it counted. */
function count(step, code, lastLines) {
  const counted = step.counts?.(lastLines) ?? { passed: code === 0 ? 1 : 0, failed: 0 };
  const failed = code === 0 ? counted.failed : Math.max(1, counted.failed);
  return { ...counted, failed };
}

/** Runs a command, shows what it prints, and ends it when it takes too long. */
function run([command, ...args], minutes) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    children.add(child);
    const timer = setTimeout(() => {
      console.log(`stopped: it took more than ${minutes} minutes`);
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), GRACE_MS).unref();
    }, minutes * 60_000);
    let tail = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-2000);
    });
    child.on('error', (error) => console.log(`${command}: ${error.message}`));
    child.on('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ code: code ?? 1, lastLines: tail });
    });
  });
}

/** Ends a child and its own children: it leads a process group. */
function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

function stop(signal) {
  for (const child of children) end(child, 'SIGTERM');
  console.log(`stopped by ${signal}`);
  process.exit(1);
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

async function missingChromium() {
  const { findChromium } = await import('./chromium.mjs');
  return findChromium({ install: true }).reason;
}

/** The browser, and what the example of a cluster stands on. */
async function missingForE2e() {
  const { findHaproxy } = await import('./haproxy.mjs');
  const { reason } = findHaproxy({ install: true });
  return (await missingChromium()) ?? reason ?? (await missingForRedis());
}

/** What is between the nodes of a hub, and what is before them. */
async function missingForRedis() {
  const { findRedisServer } = await import('./redis-server.mjs');
  const { findNginx } = await import('./nginx.mjs');
  const programs = [findRedisServer, findNginx].map((find) => find({ install: true }));
  return programs.find(({ reason }) => reason !== undefined)?.reason;
}

/** The proxies to go through, the terminal to type in, and who reads the metrics. */
async function missingPrograms() {
  const { findProxyServer } = await import('./proxy-servers.mjs');
  const { findTmux } = await import('./tmux.mjs');
  const { findPrometheus } = await import('./prometheus.mjs');
  const proxies = ['tinyproxy', 'squid', 'microsocks'].map((name) =>
    findProxyServer(name, { install: true }),
  );
  const monitors = ['prometheus', 'promtool'].map((name) => findPrometheus(name, { install: true }));
  return [...proxies, findTmux({ install: true }), ...monitors].find(({ reason }) => reason !== undefined)
    ?.reason;
}

async function missingAutobahn() {
  const { whatIsMissing } = await import('../autobahn/environment.mjs');
  return whatIsMissing();
}

/** The step of a project of vitest. */
function vitest(project, ...args) {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name: project,
    command: () => [bin('vitest'), 'run', '--project', project, ...reporters, ...args],
    counts: () => vitestCounts(file),
  };
}

function vitestCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const failures = testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message ? [`${relative(root, name)}: ${message}`] : []),
    ...assertionResults
      .filter(({ status }) => status !== 'passed')
      .map(
        ({ status, fullName, failureMessages }) =>
          `${relative(root, name)} > ${fullName}: ${failureMessages[0] ?? status}`.split('\n', 1)[0],
      ),
  ]);
  return { passed: numPassedTests, failed: numTotalTests - numPassedTests, failures };
}

/** Reads `N passed, N failed`, the last line of a command that counts by itself. */
function closingLine(lastLines) {
  const line = lastLines.trimEnd().split('\n').at(-1) ?? '';
  const [passed, failed] = line.split(/ passed, | failed/).map(Number);
  return Number.isInteger(passed) && Number.isInteger(failed) ? { passed, failed } : { passed: 0, failed: 1 };
}

function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

function node(...args) {
  return [process.execPath, ...args];
}
