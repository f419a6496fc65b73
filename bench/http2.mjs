// npm run bench -- --http2: what a WebSocket costs over HTTP/2, beside HTTP/1.1 and beside others.
import { join } from 'node:path';
import { describeSource, digits, layOut } from './document.mjs';
import { measureWindow, withProcesses } from './measurement.mjs';
import { commandOf, environmentOf, moduleOf, PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { besideFirst } from './statistics.mjs';
import { request } from './turns.mjs';

const WHOLE_ROUNDS = 3;
/** Shorter than for the scenarios: as many measurements in less than three minutes. */
const TIMES = { warmUpMs: 500, windowMs: 1000 };

const [HAWSER, WS, DENO] = ['hawser', 'ws', 'deno'].map((id) => PEERS.find((peer) => peer.id === id));
const UNDICI = {
  id: 'undici',
  title: 'undici',
  runtime: 'node',
  packages: { undici: '7.30.2' },
  module: 'undici/index.js',
};
export const HTTP2_PEERS = [HAWSER, WS, DENO, UNDICI];

/** Of servers, as `servers/http2.mjs` and `clients/http2.mjs` have them. */
const SERVER_SCENARIOS = [
  { id: 'echo-20-64', title: '20 B, 50 × 64', mode: 'echo', bytes: 20, connections: 50, messages: 64 },
  { id: 'echo-64k', title: '64 KiB, 10 × 1', mode: 'echo', bytes: 65_536, connections: 10, messages: 1 },
  {
    id: 'broadcast',
    title: '128 B to 1,000',
    mode: 'broadcast',
    bytes: 128,
    connections: 1_000,
    messages: 1,
  },
  { id: 'handshake', title: 'opened and closed', mode: 'handshake', connections: 16, messages: 1 },
];

/** `sessions` of HTTP/2: none, one for all, or one for each. What the others are compared with is the first. */
const SERVERS = [
  { id: 'http1', title: 'Hawser, HTTP/1.1', peer: HAWSER, server: 'hawser', sessions: 'none' },
  { id: 'one', title: 'Hawser, all on one session', peer: HAWSER, server: 'hawser', sessions: 'one' },
  { id: 'each', title: 'Hawser, a session for each', peer: HAWSER, server: 'hawser', sessions: 'each' },
  { id: 'ws', title: '`ws` on streams, by hand, one session', peer: WS, server: 'ws', sessions: 'one' },
  { id: 'node', title: 'bare streams, one session', peer: HAWSER, server: 'node', sessions: 'one' },
];

/** Of clients: pieces of `atATime` messages, `messages` in a turn. */
const CLIENT_SCENARIO = {
  id: 'receive-20',
  title: '20 B',
  bytes: 20,
  connections: 10,
  messages: 4_096,
  atATime: 64,
};

const CLIENTS = [
  { id: 'http1', title: 'Hawser, HTTP/1.1', peer: HAWSER, client: 'hawser', http2: false },
  { id: 'http2', title: 'Hawser', peer: HAWSER, client: 'hawser', http2: true },
  { id: 'undici', title: 'undici', peer: UNDICI, client: 'undici', http2: true },
  {
    id: 'deno',
    title: 'Deno',
    peer: DENO,
    client: 'standard',
    http2: true,
    flags: ['--unsafely-ignore-certificate-errors'],
  },
];

/** Measures all of them in turns, round after round. */
export async function measureHttp2(bench, quick) {
  const rounds = quick ? 1 : WHOLE_ROUNDS;
  const steps = [
    ...SERVER_SCENARIOS.flatMap((scenario) =>
      SERVERS.map((subject) => ({ scenario, subject, measure: measureServer })),
    ),
    ...CLIENTS.map((subject) => ({ scenario: CLIENT_SCENARIO, subject, measure: measureClient })),
  ];
  const progress = startProgress(rounds * steps.length);
  const samples = {};
  for (let round = 0; round < rounds; round++) {
    for (const { scenario, subject, measure } of steps) {
      progress.step(`${scenario.id} ${subject.id}`);
      const cost = await withProcesses((start) => measure(scenario, subject, { ...bench, ...TIMES, start }));
      samples[scenario.id] ??= {};
      samples[scenario.id][subject.id] ??= [];
      samples[scenario.id][subject.id].push(cost);
    }
  }
  progress.clear();
  return { rounds, scenarios: summarizeHttp2(samples) };
}

/** Returns µs of the server's CPU for each message. */
async function measureServer(scenario, { peer, server: kind, sessions }, bench) {
  const { mode, connections, messages, bytes } = scenario;
  const server = startNode(peer, bench, bench.cores.measured, join('servers', 'http2.mjs'), {
    server: kind,
    http2: sessions !== 'none',
    broadcast: mode === 'broadcast',
  });
  const { port } = await server.next();
  const load = startNode(HAWSER, bench, bench.cores.load, join('clients', 'http2.mjs'), {
    port,
    mode,
    sessions,
    connections,
    messages,
    payloadBytes: bytes,
    raw: kind === 'node',
    request: request(port, false),
  });
  await load.next();
  return (await measureWindow(server, load, bench)).cost;
}

/** Returns µs of the client's CPU for each message. */
async function measureClient(scenario, { peer, client: kind, http2, flags = [] }, bench) {
  const { connections, messages, atATime, bytes } = scenario;
  const load = startNode(HAWSER, bench, bench.cores.load, join('servers', 'http2-turns.mjs'), {
    certificate: bench.certificate,
    http2,
    connections,
    messages,
    atATime,
    payloadBytes: bytes,
  });
  const { port } = await load.next();
  const script = join('clients', 'http2-turns.mjs');
  const client = startNode(
    peer,
    bench,
    bench.cores.measured,
    script,
    {
      client: kind,
      url: `wss://localhost:${port}/`,
      http2,
      connections,
      messages,
      payloadBytes: bytes,
    },
    flags,
  );
  await load.next();
  return (await measureWindow(client, load, bench)).cost;
}

function startNode(peer, bench, core, script, settings, flags = []) {
  return bench.start(
    script,
    core,
    [
      ...commandOf(peer, bench.cache, bench.node),
      ...flags,
      join(bench.folder, script),
      JSON.stringify({ ...settings, module: moduleOf(peer, bench.cache) }),
    ],
    { env: { ...process.env, ...environmentOf(peer) } },
  );
}

/** @param samples - For each scenario's id and each subject's what a message cost, round after round. */
export function summarizeHttp2(samples) {
  return Object.fromEntries(
    Object.entries(samples).map(([scenario, costs]) => [scenario, besideFirst(costs)]),
  );
}

/** Servers, a column for each scenario; then clients. */
export function drawHttp2Tables(results) {
  return [
    drawSubjects('µs of the server', SERVERS, SERVER_SCENARIOS, results),
    drawSubjects('µs of the client, with TLS', CLIENTS, [CLIENT_SCENARIO], results),
    `${describeSource(results)}\n`,
  ].join('\n');
}

function drawSubjects(corner, subjects, columns, { scenarios }) {
  const rows = subjects.map(({ id, title }) => [
    title,
    ...columns.map((column) => {
      const { cpu, ratio } = scenarios[column.id][id];
      return `${digits(cpu.median)} (${ratio})`;
    }),
  ]);
  return layOut([[corner, ...columns.map(({ title }) => title)], ...rows]);
}
