// npm run bench: measures Hawser beside its peers. See --help.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawChart } from './chart.mjs';
import { buildLoadGenerator } from './load-generator.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { installNode, installPeer, PEERS } from './peers.mjs';
import { killProcesses } from './pinned-process.mjs';
import { readResults, summarize, writeResults } from './results.mjs';
import { measureAll } from './rounds.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { checkThatWrongServersFail } from './self-check.mjs';
import { drawTable, withTable } from './table.mjs';

const QUICK_PEERS = 'hawser,ws';
const FULL = { warmUpMs: 1000, windowMs: 2000, settleMs: 500, connectionPart: 1 };
const QUICK = { warmUpMs: 400, windowMs: 500, settleMs: 200, connectionPart: 1 / 4 };
/** Rounds that a committed figure has to have. */
const MIN_ROUNDS = 5;

const HELP = `npm run bench -- [options]
  --quick                  rough figures in less than a minute: one short round of ${QUICK_PEERS}
  --only echo-20-64,idle   some scenarios: ${SCENARIOS.map(({ id }) => id).join(', ')}
  --peers ws,hawser        some peers: ${PEERS.map(({ id }) => id).join(', ')}
  --rounds N               default ${MIN_ROUNDS}; with --quick 1
  --node VERSION           the Node of Hawser and ws, from npm; default: this one
  --cores M,L              the core of what is measured, and that of the load generator; default 1,0
  --profile                print the functions of Hawser that took the most CPU in the last round of each scenario
  --draw                   draw table and chart from bench/results.json, and measure nothing
  --micro                  time the engine's small parts instead, each beside that of ws or Node
A run of all scenarios and peers, in ${MIN_ROUNDS} rounds or more, is kept: bench/results.json, bench/results.svg and the table
of the README. Any run is in .cache/bench/latest.json. Linux, a C compiler and two cores are needed.`;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const cache = join(root, '.cache', 'bench');
const profileFile = join(cache, 'latest.cpuprofile');
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    node: { type: 'string' },
    cores: { type: 'string', default: '1,0' },
    profile: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(HELP);
else if (options.draw) draw(readResults(join(here, 'results.json')));
else if (options.micro) runTool('tsx', join(here, 'micro.mts'));
else await main().catch((error) => abandon(error.message));

async function main() {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abandon(`stopped by ${signal}`));
  const scenarios = choose(SCENARIOS, options.only);
  const peers = choose(
    PEERS,
    options.profile ? 'hawser' : (options.peers ?? (options.quick ? QUICK_PEERS : undefined)),
  );
  const rounds = Number(options.rounds ?? (options.quick ? 1 : MIN_ROUNDS));
  if (!(rounds >= 1)) throw new Error(`--rounds ${options.rounds} is no number of rounds`);
  const machine = describeMachine();
  const bench = await prepare(peers);
  await checkThatWrongServersFail({ ...bench, ...QUICK });
  const { samples, failures } = await measureAll(scenarios, peers, rounds, bench);
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    versions: describeVersions(root, bench.node, peers),
    rounds,
    windowMs: bench.windowMs,
    scenarios: Object.fromEntries(
      scenarios
        .filter(({ id }) => Object.keys(samples[id]).length > 0)
        .map((scenario) => [scenario.id, summarize(scenario, samples[scenario.id])]),
    ),
  };
  writeResults(join(cache, 'latest.json'), results);
  conclude(results, failures);
}

/** Builds and installs, and returns what all measurements have in common. */
async function prepare(peers) {
  mkdirSync(cache, { recursive: true });
  // Of its own: another run may be under way.
  const scratch = mkdtempSync(join(cache, 'run-'));
  process.once('exit', () => rmSync(scratch, { recursive: true }));
  runTool(process.execPath, join(root, 'scripts', 'build.mjs'));
  for (const peer of peers) await installPeer(peer, cache);
  const [measured, load] = options.cores.split(',').map(Number);
  const generator = buildLoadGenerator(scratch);
  return {
    ...(options.quick ? QUICK : FULL),
    cache,
    scratch,
    folder: here,
    cores: { measured, load },
    node: options.node === undefined ? process.execPath : await installNode(options.node, cache),
    loadGenerator: generator.program,
    certificate: generator.tls ? makeCertificate() : undefined,
    profileFile: options.profile ? profileFile : undefined,
  };
}

function makeCertificate() {
  const files = { key: join(cache, 'key.pem'), cert: join(cache, 'cert.pem') };
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=localhost'])
      .concat(['-keyout', files.key, '-out', files.cert]),
    { stdio: 'pipe' },
  );
  return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
}

function conclude(results, failures) {
  console.log(`\n${drawTable(results)}`);
  for (const failure of failures) console.log(`failed: ${failure}`);
  if (failures.length > 0) {
    process.exitCode = 1;
  } else if (isWhole(results)) {
    writeResults(join(here, 'results.json'), results);
    draw(results);
  }
}

/** Whether the figures may be kept: a part of them, or of their rounds, is not. */
function isWhole({ scenarios, rounds }) {
  const isAll = Object.keys(scenarios).length === SCENARIOS.length;
  return (
    isAll &&
    options.peers === undefined &&
    options.node === undefined &&
    !options.quick &&
    !options.profile &&
    rounds >= MIN_ROUNDS
  );
}

function draw(results) {
  writeFileSync(join(here, 'results.svg'), drawChart(results));
  const document = join(root, 'README.md');
  const text = readFileSync(document, 'utf8');
  writeFileSync(document, withTable(text, results));
}

function choose(all, ids) {
  if (ids === undefined) return all;
  return ids.split(',').map((id) => {
    const found = all.find((each) => each.id === id);
    if (found === undefined)
      throw new Error(`there is no ${id}, but ${all.map((each) => each.id).join(', ')}`);
    return found;
  });
}

/** Runs a tool of the project, to its end. */
function runTool(tool, ...args) {
  const program = tool === 'tsx' ? join(root, 'node_modules', '.bin', 'tsx') : tool;
  execFileSync(program, args, { stdio: 'inherit' });
}

function abandon(why) {
  console.log(`\nbench: ${why}`);
  killProcesses();
  process.exit(1);
}
