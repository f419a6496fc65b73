// One measurement: a scenario against a peer, with fresh processes.
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyCompression } from './compression-check.mjs';
import { commandOf, environmentOf, moduleOf } from './peers.mjs';
import { PinnedProcess } from './pinned-process.mjs';
import { ACCEPT, clientTurn, firstByteOf, RESPONSE, request, turnsOf } from './turns.mjs';

/** What the connections before those that are counted leave warm: an eighth of them. */
const WARM_UP_PART = 1 / 8;

/**
 * Measures `scenario` against `peer` once.
 *
 * @returns `cost`: µs of CPU for each message, or bytes of memory for each connection; for CPU also `rate`, messages per
 *   second, `busy`, the part of its core that the process had, and `load`, µs of the load generator's CPU for each message;
 *   with a profile also `profiled`, which part of it is of the measurement (profile.mjs).
 *   Of `residence`: `resident`, bytes with each of the counts of connections; of `delay`: `p50`, `p99` and `max` in ms.
 * @throws {Error} A process failed, or a reply is not what it has to be.
 */
export function measure(scenario, peer, bench) {
  return withProcesses((start) => KINDS[scenario.kind](scenario, peer, { ...bench, start }));
}

/** Runs `work` with a way to start processes, and ends them behind it. */
export async function withProcesses(work) {
  const processes = [];
  const start = (name, core, command, options) => {
    const started = new PinnedProcess(name, core, command, options);
    processes.push(started);
    return started;
  };
  try {
    return await work(start);
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
}

/** What the load generator does where the event loop's delay is measured. */
const LOAD_MODES = { receive: 'echo', broadcast: 'broadcast' };

const KINDS = {
  echo: measureServer,
  broadcast: measureServer,
  handshake: measureServer,
  client: measureClient,
  memory: measureMemory,
  residence: measureResidence,
  delay: measureDelay,
};

async function measureServer(scenario, peer, bench) {
  const { server, load } = await startBoth(scenario, peer, bench);
  return measureWindow(server, load, bench);
}

/** How late the server's event loop is, in ms. */
async function measureDelay(scenario, peer, bench) {
  const { server, load } = await startBoth(scenario, peer, bench);
  await sleep(bench.warmUpMs);
  const before = await load.ask('mark');
  await server.ask('watch');
  await sleep(bench.windowMs);
  const delay = await server.ask('watched');
  const after = await load.ask('mark');
  if (after.messages === before.messages) throw new Error('no message came back');
  return delay;
}

async function startBoth(scenario, peer, bench) {
  const server = startServer(scenario, peer, bench);
  const { port } = await server.next();
  if (scenario.deflate) await verifyCompression(scenario, port);
  const load = startLoad(scenario, port, bench, {
    mode: scenario.kind === 'delay' ? LOAD_MODES[scenario.mode] : scenario.kind,
    turns: scenario.payload && turnsOf(scenario, peer.raw),
  });
  await load.next();
  return { server, load };
}

async function measureClient(scenario, peer, bench) {
  const { turns, turnBytes, answer } = clientTurn(scenario);
  const piece = (turnBytes / scenario.messages) * scenario.atATime;
  const load = startLoad(scenario, 0, bench, { mode: 'serve', turns, piece, compare: 0 });
  const { port } = await load.next();
  const client = startPeer('client', peer, bench, {
    url: `ws://127.0.0.1:${port}`,
    connections: scenario.connections,
    messages: scenario.messages,
    payloadBytes: scenario.payload[1],
    turnBytes,
    answer: answer.toString('base64'),
    request: request(port, false),
  });
  await load.next();
  return measureWindow(client, load, bench);
}

/** Both tell what they have spent, before and after. */
export async function measureWindow(measured, load, { warmUpMs, windowMs, profileFile }) {
  const readBoth = () => Promise.all([measured.ask('cpu'), load.ask('mark')]);
  const readTime = async () => (profileFile === undefined ? undefined : (await measured.ask('time')).time);
  await sleep(warmUpMs);
  const from = await readTime();
  const [cpuBefore, before] = await readBoth();
  await sleep(windowMs);
  const [cpuAfter, after] = await readBoth();
  const to = await readTime();
  const messages = after.messages - before.messages;
  if (messages === 0) throw new Error('no message came back');
  if (after.fewestTurns === 0) throw new Error('a connection got no reply');
  const cpu = cpuAfter.user + cpuAfter.system - cpuBefore.user - cpuBefore.system;
  const elapsed = after.time - before.time;
  return {
    cost: cpu / messages,
    rate: (messages / elapsed) * 1e6,
    busy: cpu / elapsed,
    load: (after.cpu - before.cpu) / messages,
    ...(profileFile !== undefined && { profiled: { file: profileFile, from, to } }),
  };
}

/** Compares the memory of some connections with that of many more: what is allocated once counts for nothing. */
async function measureMemory(scenario, peer, bench) {
  const connections = Math.round(scenario.connections * bench.connectionPart);
  const warm = Math.round(connections * WARM_UP_PART);
  const [before, after] = await readResidence(scenario, peer, bench, [warm, warm + connections]);
  return { cost: (after - before) / connections };
}

async function measureResidence(scenario, peer, bench) {
  return { resident: await readResidence(scenario, peer, bench, scenario.counts) };
}

/** The server's resident bytes with each of `counts` connections, which grow. */
async function readResidence(scenario, peer, bench, counts) {
  const server = startServer(scenario, peer, { ...bench, collectGarbage: true });
  const { port } = await server.next();
  const load = startLoad({ ...scenario, connections: counts.at(-1) }, port, bench, {
    mode: 'hold',
    turns: scenario.payload && turnsOf(scenario, peer.raw),
  });
  await load.next();
  const resident = [];
  for (const count of counts) {
    await load.ask(`open ${count}`);
    await sleep(bench.settleMs);
    resident.push((await server.ask('memory')).rss);
  }
  return resident;
}

export function startServer({ kind, mode, deflate, tls }, peer, bench) {
  return startPeer('server', peer, bench, {
    deflate: deflate ?? false,
    tls: tls && bench.certificate,
    broadcast: kind === 'broadcast' || mode === 'broadcast',
    receive: mode === 'receive',
    response: RESPONSE,
    ...peer.settings,
  });
}

/** The flags of a Node that is measured. */
function flagsOf({ collectGarbage, profileFile }) {
  const garbage = collectGarbage ? ['--expose-gc'] : [];
  if (profileFile === undefined) return garbage;
  // From its start: to begin under full load takes V8 longer than anyone waits.
  return [
    ...garbage,
    '--cpu-prof',
    `--cpu-prof-dir=${dirname(profileFile)}`,
    `--cpu-prof-name=${basename(profileFile)}`,
  ];
}

/** Starts a peer's server or client. */
function startPeer(role, peer, bench, settings) {
  const command = commandOf(peer, bench.cache, bench.node, flagsOf(bench));
  const script = join(bench.folder, `${role}s`, peer[role]);
  const module = moduleOf(peer, bench.cache);
  return bench.start(
    `the ${role} of ${peer.id}`,
    bench.cores.measured,
    [...command, script, JSON.stringify({ ...settings, module })],
    { env: { ...process.env, ...environmentOf(peer) } },
  );
}

function startLoad(scenario, port, bench, { turns, ...settings }) {
  const { connections, messages, deflate, tls, payload } = scenario;
  const write = (name, content) => {
    const file = join(bench.scratch, name);
    writeFileSync(file, content);
    return file;
  };
  const options = {
    ...settings,
    port,
    connections,
    messages: messages ?? 1,
    accept: ACCEPT,
    extension: deflate ? 'permessage-deflate' : '',
    request: write('request.txt', request(port, deflate)),
    ...(turns && { turns: write('turns.bin', turns) }),
    ...(deflate && { 'first-byte': firstByteOf(scenario), 'max-payload': payload[1] }),
    tls: tls ? 1 : 0,
  };
  const args = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return bench.start('the load generator', bench.cores.load, [bench.loadGenerator, ...args]);
}
