// npm run matrix: runs one behaviour suite on Node 20, 24 and 26, on Bun and on Deno. See --help.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KNOWN_LIMITS } from './known-limits.mjs';
import { createProject } from './project.mjs';
import { readResults, summarize, writeResults } from './results.mjs';
import { installRuntime, REFERENCE, RUNTIMES } from './runtimes.mjs';
import { withTable } from './table.mjs';
import { judge } from './verdict.mjs';
import { killChildren, runSuite, startPeer } from './worker.mjs';

const HELP = `npm run matrix -- [options]
  --only bun,node24   run on these runtimes only: ${RUNTIMES.map(({ name }) => name).join(', ')}
  --write             keep the results in matrix/results.json and draw the table of docs/runtimes.md anew
  --table             draw the table from matrix/results.json, and run nothing
Runtimes are installed from npm into .cache/matrix, once; matrix/runtimes.mjs has their versions.`;

const LABELS = { passed: ' ok  ', failed: 'FAIL ', limit: 'limit' };
const TIME_LIMIT_MS = 30 * 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const cache = join(root, '.cache', 'matrix');
const resultsFile = join(here, 'results.json');
const documentFile = join(root, 'docs', 'runtimes.md');
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(HELP);
else if (options.table) drawTable();
else await main();

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abandon(`stopped by ${signal}`));
  const timer = setTimeout(() => abandon(`not done after ${TIME_LIMIT_MS / 60_000} minutes`), TIME_LIMIT_MS);
  try {
    const measured = await runAll(chosenRuntimes());
    conclude(measured);
  } catch (error) {
    console.log(error.stack);
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
    killChildren();
  }
}

function chosenRuntimes() {
  if (options.only === undefined) return RUNTIMES;
  return options.only.split(',').map((name) => {
    const runtime = RUNTIMES.find((candidate) => candidate.name === name);
    if (runtime === undefined) throw new Error(`no such runtime: ${name}`);
    return runtime;
  });
}

async function runAll(runtimes) {
  const reference = RUNTIMES.find(({ name }) => name === REFERENCE);
  const commands = new Map();
  for (const runtime of new Set([reference, ...runtimes])) {
    console.log(`matrix: ${runtime.name} is ${runtime.package}@${runtime.version}`);
    commands.set(runtime, await installRuntime(runtime, cache));
  }
  console.log('matrix: packs Hawser and installs the tarball in an empty project');
  const project = await createProject(root, join(cache, 'project'));
  const measured = [];
  for (const runtime of runtimes) {
    measured.push({ runtime, outcomes: await runOn(runtime, reference, commands, project) });
  }
  return measured;
}

/** One runtime: by itself, then as client and as server of the reference. */
async function runOn(runtime, reference, commands, project) {
  const outcomes = [];
  const tell = (outcome) => {
    const { verdict, detail } = judge(KNOWN_LIMITS, runtime.name, outcome);
    outcomes.push({ ...outcome, verdict });
    console.log(`${LABELS[verdict]} ${runtime.name}  ${outcome.id}`);
    if (detail !== undefined) console.log(detail.replace(/^/gm, '        '));
  };
  await runSuite(project, commands.get(runtime), settingsOf(runtime, commands, project), tell);
  // The reference meets itself, in another process, in both roles at once.
  const pairs =
    runtime === reference
      ? [[runtime, reference]]
      : [
          [runtime, reference],
          [reference, runtime],
        ];
  for (const [client, server] of pairs) {
    const feature =
      client === runtime
        ? `client of a server on ${reference.title}`
        : `server of a client on ${reference.title}`;
    const peer = await startPeer(project, commands.get(server), settingsOf(server, commands, project));
    const settings = {
      ...settingsOf(client, commands, project),
      cross: feature,
      peer: peer.url,
      peerKind: server.kind,
      peerVersion: server.version,
    };
    await runSuite(project, commands.get(client), settings, tell);
    await peer.stop();
  }
  return outcomes;
}

function settingsOf({ name, kind, version }, commands, { certificate }) {
  const command = [...commands].find(([runtime]) => runtime.name === name)[1];
  return { runtime: name, kind, version, command, certificate };
}

function conclude(measured) {
  console.log('');
  const total = { passed: 0, failed: 0, limit: 0 };
  for (const { runtime, outcomes } of measured) {
    const count = { passed: 0, failed: 0, limit: 0 };
    for (const { verdict } of outcomes) {
      count[verdict]++;
      total[verdict]++;
    }
    const { passed, failed, limit } = count;
    console.log(
      `${runtime.name.padEnd(7)} ${passed} passed, ${failed} failed, ${limit} known limits of the runtime`,
    );
  }
  const { passed, failed, limit } = total;
  if (options.write && failed === 0) keep(measured);
  console.log(`${limit} known limits of runtimes, see docs/runtimes.md`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function keep(measured) {
  const entries = measured.map(({ runtime, outcomes }) => [runtime.name, summarize(runtime, outcomes)]);
  writeResults(
    resultsFile,
    RUNTIMES.map(({ name }) => name),
    Object.fromEntries(entries),
  );
  drawTable();
}

function drawTable() {
  writeFileSync(documentFile, withTable(readFileSync(documentFile, 'utf8'), readResults(resultsFile)));
}

function abandon(why) {
  console.log(`matrix: ${why}`);
  killChildren();
  console.log('0 passed, 1 failed');
  process.exit(1);
}
