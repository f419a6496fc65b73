// npm run wpt: runs the tests of web-platform-tests for WebSockets. See --help.
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificate } from './certificate.mjs';
import { findCheckout } from './checkout.mjs';
import { whyExcluded } from './excluded.mjs';
import { implementationNames, nodeFlags } from './implementation.mjs';
import { findTests } from './tests.mjs';

const HELP = `npm run wpt -- [options]
  --tests <folder>        a checkout of web-platform-tests; default: $WPT, else .cache/wpt, which is fetched
  --only <text>           run the tests with this in their path and variant
  --implementation <name> ${implementationNames.join(', ')}; results.json is written for hawser alone
  --jobs N                tests at a time; default 4: most of the time they wait
  --list                  list what is left out and why, and run nothing`;

const RESULTS = 'results.json';
/** How long a test's process may go on after its own time is over. */
const GRACE_MS = 10_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const { values: options } = parseArgs({
  options: {
    tests: { type: 'string', default: process.env.WPT },
    only: { type: 'string' },
    implementation: { type: 'string', default: 'hawser' },
    jobs: { type: 'string', default: '4' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const pages = new Set();

if (options.help) console.log(HELP);
else await main();

async function main() {
  if (!implementationNames.includes(options.implementation)) throw new Error(HELP);
  const checkout = await findCheckout(options.tests && resolve(options.tests), join(root, '.cache'));
  const all = findTests(checkout).map((test) => ({ ...test, reason: whyExcluded(test.file, test.variant) }));
  if (options.list) return list(all.filter(({ reason }) => reason !== undefined));

  const tests = all.filter(
    ({ file, variant, reason }) =>
      reason === undefined && (options.only === undefined || (file + variant).includes(options.only)),
  );
  if (!existsSync(join(root, 'dist', 'web.mjs'))) {
    execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  }
  const results = await runAll(checkout, tests);
  if (options.implementation === 'hawser' && options.only === undefined) write(results, all);
  const count = (key) => results.reduce((sum, result) => sum + result[key], 0);
  const [passed, failed] = [count('passed'), count('failed')];
  const leftOut = all.filter(({ reason }) => reason !== undefined).length;
  console.log(`${tests.length} tests; ${leftOut} are left out (--list says why)`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}

function list(excluded) {
  for (const { file, variant, reason } of excluded) console.log(`${file}${variant}: ${reason}`);
}

async function runAll(checkout, tests) {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-wpt-'));
  const { certFile, ...certificate } = makeCertificate(folder);
  const { startServers } = await import('./server.mjs');
  const servers = await startServers(certificate);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(folder));
  try {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certFile };
    return await inParallel(tests, Number(options.jobs), async (test) => {
      const result = count(await runInPage({ ...test, checkout, ports: servers.ports }, env));
      print(test, result);
      return { ...test, ...result };
    });
  } finally {
    servers.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function stop(folder) {
  for (const page of pages) page.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  process.exit(1);
}

/** Calls `job` with each item, the longest first, and returns what it returned in the order of the items. */
async function inParallel(items, jobs, job) {
  const results = new Array(items.length);
  const order = [...items.keys()].sort((a, b) => items[b].timeout - items[a].timeout);
  const work = async () => {
    for (let i = order.shift(); i !== undefined; i = order.shift()) results[i] = await job(items[i]);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

/** Runs a test in a process of its own; resolves with what it told, or with how the process ended. */
function runInPage(test, env) {
  return new Promise((resolve) => {
    const { implementation } = options;
    const page = fork(join(here, 'page.mjs'), [], { env, execArgv: nodeFlags(implementation), silent: true });
    pages.add(page);
    const timer = setTimeout(() => page.kill('SIGKILL'), test.timeout + GRACE_MS);
    let output = '';
    let told;
    for (const stream of [page.stdout, page.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    page.on('message', (message) => {
      told ??= message;
    });
    page.on('close', (code, signal) => {
      clearTimeout(timer);
      pages.delete(page);
      const message = `the process ended with ${signal ?? code}\n${output}`;
      resolve(told ?? { tests: [], harness: { status: 'CRASH', message } });
    });
    page.send({ ...test, implementation });
  });
}

/** What goes wrong with the test as a whole counts as one failure, unless a part of it shows that already. */
function count({ tests, harness }) {
  const failures = tests.filter(({ passed }) => !passed).map(({ name, message }) => `${name}: ${message}`);
  if (failures.length === 0 && (harness.status !== 'OK' || tests.length === 0)) {
    failures.push(`(the test itself) ${harness.status}: ${harness.message}`);
  }
  return { passed: tests.filter(({ passed }) => passed).length, failed: failures.length, failures };
}

function print({ file, variant }, { passed, failed, failures }) {
  console.log(`${failed > 0 ? 'FAIL' : ' ok '}  ${passed}/${passed + failed}  ${file}${variant}`);
  for (const failure of failures) console.log(`        ${failure.replaceAll('\n', '\n          ')}`);
}

function write(results, all) {
  const counts = results.map(({ file, variant, passed, failed }) => [file + variant, { passed, failed }]);
  const reasons = all.flatMap(({ file, variant, reason }) => (reason ? [[file + variant, reason]] : []));
  const summary = {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    tests: Object.fromEntries(counts),
    leftOut: Object.fromEntries(reasons),
  };
  writeFileSync(join(here, RESULTS), `${JSON.stringify(summary, null, 2)}\n`);
}
