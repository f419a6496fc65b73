// One measurement: a scenario against a peer, with fresh processes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
 *   second, `busy`, the part of its core that the process had, and `load`, µs of the load generator's CPU for each message.
 * @throws {Error} A process failed, or a reply is not what it has to be.
 */
export async function measure(scenario, peer, bench) {
  const processes = [];
  const start = (name, core, command, options) => {
    const started = new PinnedProcess(name, core, command, options);
    processes.push(started);
    return started;
  };
  const setting = { ...bench, start };
  try {
    return await KINDS[scenario.kind](scenario, peer, setting);
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
}

const KINDS = {
  echo: measureServer,
  broadcast: measureServer,
  handshake: measureServer,
  client: measureClient,
  memory: measureMemory,
};

async function measureServer(scenario, peer, bench) {
  const server = startServer(scenario, peer, bench);
  const { port } = await server.next();
  if (scenario.deflate) await verifyCompression(scenario, port);
  const load = startLoad(scenario, port, bench, {
    mode: scenario.kind,
    turns: scenario.payload && turnsOf(scenario, peer.raw),
  });
  await load.next();
  return measureWindow(server, load, bench);
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
async function measureWindow(measured, load, { warmUpMs, windowMs, profileFile }) {
  const readBoth = () => Promise.all([measured.ask('cpu'), load.ask('mark')]);
  await sleep(warmUpMs);
  if (profileFile !== undefined) await measured.ask('profile');
  const [cpuBefore, before] = await readBoth();
  await sleep(windowMs);
  const [cpuAfter, after] = await readBoth();
  if (profileFile !== undefined) await measured.ask('profiled');
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
  };
}

/** Compares the memory of some connections with that of many more: what is allocated once counts for nothing. */
async function measureMemory(scenario, peer, bench) {
  const connections = Math.round(scenario.connections * bench.connectionPart);
  const warm = Math.round(connections * WARM_UP_PART);
  const server = startServer(scenario, peer, { ...bench, collectGarbage: true });
  const { port } = await server.next();
  const load = startLoad({ ...scenario, connections: warm + connections }, port, bench, {
    mode: 'hold',
    turns: scenario.payload && turnsOf(scenario, peer.raw),
  });
  await load.next();
  const rssWith = async (count) => {
    await load.ask(`open ${count}`);
    await sleep(bench.settleMs);
    return (await server.ask('memory')).rss;
  };
  const before = await rssWith(warm);
  const after = await rssWith(warm + connections);
  return { cost: (after - before) / connections };
}

function startServer({ kind, deflate, tls }, peer, bench) {
  return startPeer('server', peer, bench, {
    deflate: deflate ?? false,
    tls: tls && bench.certificate,
    broadcast: kind === 'broadcast',
    response: RESPONSE,
    ...peer.settings,
  });
}

/** Starts a peer's server or client. */
function startPeer(role, peer, bench, settings) {
  const command = commandOf(peer, bench.cache, bench.node, bench.collectGarbage);
  const script = join(bench.folder, `${role}s`, peer[role]);
  const module = moduleOf(peer, bench.cache);
  return bench.start(
    `the ${role} of ${peer.id}`,
    bench.cores.measured,
    [...command, script, JSON.stringify({ ...settings, module, profileFile: bench.profileFile })],
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
