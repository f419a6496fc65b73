// npm run autobahn: runs the Autobahn TestSuite against Hawser in both roles. See --help.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare, SUITE, whatIsMissing } from './environment.mjs';
import { CHOPPED_PATTERNS, planJobs, selectCases } from './jobs.mjs';
import { writeReport } from './report.mjs';
import { findWorse, readCommitted, writeCommitted } from './results.mjs';
import { killChildren, runJob } from './worker.mjs';

const HELP = `npm run autobahn -- [options]
  --cases '1.*,6.*'      run these cases only
  --role server|client   test one role only
  --chopped              cases 1 to 7 and 10 through a proxy that cuts the stream into pieces of 1 to 7 bytes
  --seed N               of the proxy's cuts
  --transport h2         over HTTP/2 (RFC 8441), through a bridge to the suite's HTTP/1.1
  --implementation ws    test ws instead, to compare; nothing is compared or written but the report
  --shards N             processes at a time; default: the cores
  --check                say whether the suite can run here, and run nothing (exit code 3: it can't)`;

/** A run that takes longer is stuck. */
const TIME_LIMIT_MS = 40 * 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string' },
    role: { type: 'string' },
    chopped: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    transport: { type: 'string', default: 'h1' },
    implementation: { type: 'string', default: 'hawser' },
    shards: { type: 'string', default: String(availableParallelism()) },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(HELP);
else if (options.check) check();
else await main();

function check() {
  const missing = whatIsMissing();
  if (missing === undefined) return;
  console.log(missing);
  process.exitCode = 3;
}

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abandon(`stopped by ${signal}`));
  const timer = setTimeout(() => abandon(`not done after ${TIME_LIMIT_MS / 60_000} minutes`), TIME_LIMIT_MS);
  if (options.implementation === 'hawser' && !existsSync(join(root, 'dist/index.mjs'))) {
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
  }
  const reports = join(here, 'reports', kind(), options.implementation);
  rmSync(reports, { recursive: true, force: true });
  const suite = prepare(join(root, '.cache'), reports);
  const all = suite.listCases();
  const cases = selectCases(all, patterns());
  const roles = options.role === undefined ? ['server', 'client'] : [options.role];
  console.log(`autobahn: ${cases.length} of ${all.length} cases as ${roles.join(' and ')}, ${suite.name}`);
  if (options.chopped) console.log(`autobahn: cut into pieces of 1 to 7 bytes, seed ${options.seed}`);

  const results = await runAll(planJobs(cases, roles), suite, reports);
  clearTimeout(timer);
  const report = join(reports, 'index.html');
  writeReport(report, `Autobahn: ${options.implementation}`, results);
  console.log(`autobahn: report in ${report}`);
  conclude(results, all.length);
}

/** What the echo peers are to put between them and the suite. */
function via() {
  if (options.transport === 'h2') return 'h2';
  return options.chopped ? options.seed : undefined;
}

/** What the reports of such a run are called. */
function kind() {
  if (options.transport === 'h2') return 'h2';
  return options.chopped ? 'chopped' : 'whole';
}

function patterns() {
  if (options.cases !== undefined) return options.cases.split(',').map((pattern) => pattern.trim());
  return options.chopped ? CHOPPED_PATTERNS : ['*'];
}

async function runAll(jobs, suite, reports) {
  const total = jobs.reduce((sum, job) => sum + job.cases.length, 0);
  const progress = startProgress(total);
  const results = {};
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const directory = join(reports, `${job.role}-${job.name}`);
      const settings = { directory, implementation: options.implementation, via: via() };
      // The other workers add theirs meanwhile: read what is there only when this job is done.
      const found = await runJob(job, suite, settings, progress.step);
      results[job.role] = { ...results[job.role], ...found };
    }
  };
  await Promise.all(Array.from({ length: Number(options.shards) }, work));
  progress.stop();
  return results;
}

function startProgress(total) {
  const started = Date.now();
  let begun = 0;
  const print = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`autobahn: ${begun}/${total} cases begun, ${Math.floor(seconds / 60)} min ${seconds % 60} s`);
  };
  const timer = setInterval(print, 15_000);
  return {
    step: () => begun++,
    stop: () => {
      clearInterval(timer);
      print();
    },
  };
}

/** Compares, prints what is worse, and keeps the results of a full run that is not. */
function conclude(results, caseCount) {
  const file = join(here, 'results.json');
  const before = options.implementation === 'hawser' ? readCommitted(file) : undefined;
  let worse = 0;
  let total = 0;
  for (const [role, cases] of Object.entries(results)) {
    total += Object.keys(cases).length;
    for (const [id, { behavior, behaviorClose }] of findWorse(role, cases, before)) {
      worse++;
      const old = before?.[role]?.[id]?.join(', close ');
      console.log(`  ${role} ${id}: ${behavior}, close ${behaviorClose}${old ? ` (before: ${old})` : ''}`);
    }
  }
  const full = total === caseCount * 2 && kind() === 'whole' && options.implementation === 'hawser';
  if (full && worse === 0) writeCommitted(file, SUITE, results);
  console.log(`${total - worse} passed, ${worse} failed`);
  process.exitCode = worse === 0 ? 0 : 1;
}

function abandon(why) {
  console.log(`autobahn: ${why}`);
  killChildren();
  console.log('0 passed, 1 failed');
  process.exit(1);
}
