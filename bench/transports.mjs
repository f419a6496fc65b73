// npm run bench -- --transports: the same updates to the same number of clients, by each way that a server can push.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPRESSED, TEXT } from './frames.mjs';
import { withProcesses } from './measurement.mjs';
import { commandOf, moduleOf, PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { quantile, roundedSpread } from './statistics.mjs';
import { checkUpdates } from './transports-check.mjs';
import { ACCEPT, request } from './turns.mjs';

/** Clients share one core, and so many can be written to by long polling with time to spare. */
const CLIENTS = 100;
const UPDATE_BYTES = 200;
/** In all rounds together. */
const UPDATES = 10_000;
const PER_SECOND = 100;
const PACED_PER_ROUND = 200;
const WHOLE_ROUNDS = 5;
/** Of the updates of a whole run, how many a quick one has. */
const QUICK_PART = 1 / 20;

const HAWSER = PEERS.find(({ id }) => id === 'hawser');
export const TRANSPORT_PEERS = [HAWSER];

/** `load` is for the load generator: see load/updates.h. */
export const TRANSPORTS = [
  websocket('websocket', 'WebSocket', false),
  websocket('deflate', 'WebSocket, deflate with a context for each connection', { threshold: 0 }),
  websocket('deflate-shared', 'WebSocket, deflate without context', {
    threshold: 0,
    serverNoContextTakeover: true,
  }),
  {
    id: 'events',
    title: 'Server-sent events',
    server: { transport: 'events' },
    load: { request: (port) => get(port, '/', 'text/event-stream'), 'line-ends': 2 },
  },
  {
    id: 'polling',
    title: 'Long polling',
    server: { transport: 'polling' },
    load: { request: (port) => get(port, '/?after=#', '*/*'), 'line-ends': 1, polls: 1 },
  },
];

/** Measures all transports in turns, round after round. */
export async function measureTransports(bench, quick) {
  const rounds = quick ? 1 : WHOLE_ROUNDS;
  const plan = {
    clients: CLIENTS,
    bytes: UPDATE_BYTES,
    inStep: (UPDATES / WHOLE_ROUNDS) * (quick ? QUICK_PART : 1),
    paced: PACED_PER_ROUND * (quick ? QUICK_PART : 1),
    perSecond: PER_SECOND,
  };
  const progress = startProgress((rounds + 1) * TRANSPORTS.length);
  const samples = Object.fromEntries(TRANSPORTS.map(({ id }) => [id, []]));
  for (const transport of TRANSPORTS) {
    progress.step(`are the updates right: ${transport.id}`);
    await withProcesses((start) =>
      checkUpdates(transport, (own) => startServer(transport, own, bench, start)),
    );
  }
  for (let round = 0; round < rounds; round++) {
    for (const transport of TRANSPORTS) {
      progress.step(transport.id);
      samples[transport.id].push(
        await withProcesses((start) => measureTransport(transport, plan, bench, start)),
      );
    }
  }
  progress.clear();
  return { rounds, ...plan, transports: summarizeTransports(samples) };
}

async function startServer({ server: settings }, plan, bench, start) {
  const server = start('the server', bench.cores.measured, [
    ...commandOf(HAWSER, bench.cache, bench.node),
    join(bench.folder, 'servers', 'updates.mjs'),
    JSON.stringify({ ...plan, ...settings, module: moduleOf(HAWSER, bench.cache) }),
  ]);
  return { server, ...(await server.next()) };
}

async function measureTransport(transport, plan, bench, start) {
  const { server, port, control } = await startServer(transport, plan, bench, start);
  const updates = plan.inStep + plan.paced;
  const times = join(bench.scratch, 'times.bin');
  const requestFile = join(bench.scratch, 'request.txt');
  writeFileSync(requestFile, transport.load.request(port));
  const options = {
    mode: 'updates',
    ...transport.load,
    request: requestFile,
    port,
    control,
    updates,
    times,
    connections: plan.clients,
    'max-payload': plan.bytes,
  };
  const load = start('the load generator', bench.cores.load, [
    bench.loadGenerator,
    ...Object.entries(options).map(([name, value]) => `${name}=${value}`),
  ]);
  await load.next();
  const { cpu, sentAt } = await server.ask('begin');
  const counted = await load.next();
  const deliveries = updates * plan.clients;
  const latencies = latenciesOf(readTimes(times), sentAt, plan.inStep);
  return {
    cpu: cpu / (plan.inStep * plan.clients),
    bytesDown: counted.bytesIn / deliveries,
    bytesUp: counted.bytesOut / deliveries,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    load: counted.cpu / deliveries,
  };
}

function readTimes(file) {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/**
 * How long updates were under way, in ms, from number `first` on.
 *
 * @param times - µs; a row for each client, a column for each update.
 * @param sentAt - µs, of each update.
 */
export function latenciesOf(times, sentAt, first) {
  const latencies = [];
  for (let at = 0; at < times.length; at++) {
    const update = at % sentAt.length;
    if (update >= first) latencies.push((times[at] - sentAt[update]) / 1000);
  }
  return latencies;
}

/** @param samples - For each transport's id what was measured, round after round. */
export function summarizeTransports(samples) {
  return Object.fromEntries(
    TRANSPORTS.filter(({ id }) => samples[id] !== undefined).map(({ id, title }) => {
      const figures = (name) => roundedSpread(samples[id].map((sample) => sample[name]));
      const { cpu, bytesDown, bytesUp, p50, p99, load } = Object.fromEntries(
        Object.keys(samples[id][0]).map((name) => [name, figures(name)]),
      );
      return [id, { title, cpu, bytesDown, bytesUp, p50, p99, load: load.median }];
    }),
  );
}

function websocket(id, title, perMessageDeflate) {
  return {
    id,
    title,
    server: { transport: 'websocket', perMessageDeflate },
    load: {
      request: (port) => request(port, perMessageDeflate !== false),
      accept: ACCEPT,
      extension: perMessageDeflate === false ? '' : 'permessage-deflate',
      'first-byte': perMessageDeflate === false ? TEXT : TEXT | COMPRESSED,
    },
  };
}

/** What browsers send at the least; they add as much again of User-Agent, Accept-Language, cookies. */
function get(port, path, accept) {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: ${accept}\r\nConnection: keep-alive\r\n\r\n`;
}
