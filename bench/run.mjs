// npm run bench: measures Hawser beside its peers. See --help.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ALLOCATION_PEERS, measureAllocation } from './allocation.mjs';
import { drawAllocationTable } from './allocation-drawing.mjs';
import { DEFLATE_PEERS, measureDeflate } from './deflate.mjs';
import { drawSizesTable, drawTuningsTable } from './deflate-drawing.mjs';
import { GROWTH_PEERS, measureGrowth } from './growth.mjs';
import { drawDelayTable, drawGrowthTable } from './growth-drawing.mjs';
import { drawHttp2Tables, HTTP2_PEERS, measureHttp2 } from './http2.mjs';
import { drawHubTable, HUB_PEERS, measureHub } from './hub.mjs';
import { drawKept, fileFor, lacksOf, MIN_ROUNDS, peersFor } from './kept.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { PEERS, WATCHED_PEERS } from './peers.mjs';
import { killProcesses } from './pinned-process.mjs';
import { measureProfiles, PROFILED_PEERS } from './profiles.mjs';
import { drawProfilesTable } from './profiles-drawing.mjs';
import { summarize, writeResults } from './results.mjs';
import { measureAll } from './rounds.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { checkThatWrongServersFail } from './self-check.mjs';
import { cache, folder, prepare, QUICK, root, runTool } from './setup.mjs';
import { drawTable } from './table.mjs';
import { measureTransports, TRANSPORT_PEERS } from './transports.mjs';
import { drawTransportsTable } from './transports-drawing.mjs';

const QUICK_PEERS = 'hawser,ws';

const HELP = `npm run bench -- [options]
  --quick                  rough figures in less than a minute: one short round of ${QUICK_PEERS}
  --only echo-20-64,idle   some scenarios: ${SCENARIOS.map(({ id }) => id).join(', ')}
  --peers ws,hawser        some peers: ${[...PEERS, ...WATCHED_PEERS].map(({ id }) => id).join(', ')}
  --rounds N               default ${MIN_ROUNDS}; with --quick 1
  --node VERSION           the Node of Hawser, ws and the bare sockets, from npm; default: this one
  --cores M,L              the core of what is measured, and that of the load generator; default 1,0
  --profile                print the functions of Hawser that took the most CPU in the last round of each scenario
  --transports             instead: WebSocket, server-sent events and long polling, with the same updates
  --growth                 instead: 10 to 10,000 connections, and how late the event loop is
  --deflate                instead: memory, CPU and output of permessage-deflate, with one tuning and another
  --allocation             instead: what a short message that comes allocates, beside the Buffer that it is
  --profiles               instead: what kinds of code the CPU time of a message goes to, of Hawser, ws and bare sockets
  --http2                  instead: WebSocket over HTTP/2, beside HTTP/1.1 and beside others
  --hub                    instead: a message to a room of 1,000, by the hub, server.broadcast and Socket.IO
  --adapters               instead: what a message of a room costs between two nodes of a hub; needs redis-server
  --micro                  instead: the engine's small parts, each beside that of ws or Node
  --draw                   draw charts and tables from what is kept, and measure nothing
A run of all scenarios and peers, in ${MIN_ROUNDS} rounds or more, is kept in bench/ and drawn: results.json for Node 20, where all
peers run; results-node24.json for Node 24, where --node 24 runs ${peersFor('24').map(({ id }) => id)}. So are those of --transports,
--growth, --deflate, --allocation, --profiles, --http2 and --hub without --quick, on any Node. Any run is in .cache/bench. Linux, a C compiler and two cores are needed.`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    node: { type: 'string' },
    cores: { type: 'string', default: '1,0' },
    profile: { type: 'boolean', default: false },
    transports: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    deflate: { type: 'boolean', default: false },
    allocation: { type: 'boolean', default: false },
    profiles: { type: 'boolean', default: false },
    http2: { type: 'boolean', default: false },
    hub: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    adapters: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Instead of the scenarios. */
const OTHER_RUNS = {
  transports: {
    peers: TRANSPORT_PEERS,
    measure: measureTransports,
    print: (results) => drawTransportsTable(results),
  },
  growth: {
    peers: GROWTH_PEERS,
    measure: measureGrowth,
    print: (results) => `${drawGrowthTable(results)}\n${drawDelayTable(results)}`,
  },
  deflate: {
    peers: DEFLATE_PEERS,
    measure: measureDeflate,
    print: (results) => `${drawTuningsTable(results)}\n${drawSizesTable(results)}`,
  },
  allocation: {
    peers: ALLOCATION_PEERS,
    measure: measureAllocation,
    print: (results) => drawAllocationTable(results),
  },
  profiles: { peers: PROFILED_PEERS, measure: measureProfiles, print: drawProfilesTable },
  http2: { peers: HTTP2_PEERS, measure: measureHttp2, print: drawHttp2Tables },
  hub: { peers: HUB_PEERS, measure: measureHub, print: drawHubTable },
};

const other = Object.keys(OTHER_RUNS).find((name) => options[name]);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abandon(`stopped by ${signal}`));
if (options.help) console.log(HELP);
else if (options.draw) drawKept(root);
else if (options.adapters) runTool('tsx', join(folder, 'adapters.mts'));
else if (options.micro) runTool('tsx', join(folder, 'micro.mts'));
else await (other === undefined ? runScenarios() : runOther(other)).catch((error) => abandon(error.message));

async function runScenarios() {
  const scenarios = choose(SCENARIOS, options.only);
  const peers = choose(
    [...PEERS, ...WATCHED_PEERS],
    options.profile ? 'hawser' : (options.peers ?? defaultPeers()),
  );
  const rounds = Number(options.rounds ?? (options.quick ? 1 : MIN_ROUNDS));
  if (!(rounds >= 1)) throw new Error(`--rounds ${options.rounds} is no number of rounds`);
  const machine = describeMachine();
  const bench = await prepare(peers, options);
  await checkThatWrongServersFail({ ...bench, ...QUICK });
  const { samples, failures } = await measureAll(scenarios, peers, rounds, bench);
  const results = {
    ...describeRun(machine, bench, peers),
    rounds,
    windowMs: bench.windowMs,
    scenarios: Object.fromEntries(
      scenarios
        .filter(({ id }) => Object.keys(samples[id]).length > 0)
        .map((scenario) => [scenario.id, summarize(scenario, samples[scenario.id])]),
    ),
  };
  writeResults(join(cache, 'latest.json'), results);
  console.log(`\n${drawTable(results)}`);
  for (const failure of failures) console.log(`failed: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  else if (!options.quick && !options.profile) keepScenarios(results);
}

function keepScenarios(results) {
  const lacks = lacksOf(results);
  if (lacks.length === 0) return keep(fileFor(results.versions.node), results);
  console.log(`not kept: it lacks ${lacks.slice(0, 3).join(', ')}${lacks.length > 3 ? ' and more' : ''}`);
  // Whoever asked for everything, and did not get it, has to know.
  if (options.only === undefined && options.peers === undefined && options.rounds === undefined)
    process.exitCode = 1;
}

async function runOther(name) {
  const { peers, measure, print } = OTHER_RUNS[name];
  const machine = describeMachine();
  const bench = await prepare(peers, options);
  const results = { ...describeRun(machine, bench, peers), ...(await measure(bench, options.quick)) };
  writeResults(join(cache, `latest-${name}.json`), results);
  console.log(`\n${print(results)}`);
  if (!options.quick) keep(`${name}.json`, results);
}

function describeRun(machine, bench, peers) {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    versions: describeVersions(root, bench.node, peers),
  };
}

function keep(name, results) {
  writeResults(join(folder, name), results);
  drawKept(root);
  console.log(`kept: bench/${name}`);
}

function defaultPeers() {
  if (options.quick) return QUICK_PEERS;
  return peersFor(options.node ?? process.versions.node)
    .map(({ id }) => id)
    .join(',');
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

function abandon(why) {
  console.log(`\nbench: ${why}`);
  killProcesses();
  process.exit(1);
}
