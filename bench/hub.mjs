// npm run bench -- --hub: one message to a room of 1,000 clients, by the hub, by server.broadcast and by Socket.IO.
import { dirname, join } from 'node:path';
import { digits, layOut } from './document.mjs';
import { withProcesses } from './measurement.mjs';
import { commandOf, environmentOf, moduleOf, PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { besideFirst } from './statistics.mjs';

const CLIENTS = 1_000;
/** How many messages are sent before the clients are waited for, and how often. */
const PACES = [
  { atATime: 1, turns: 120 },
  { atATime: 8, turns: 40 },
];
const WHOLE_ROUNDS = 5;

const HAWSER = PEERS.find(({ id }) => id === 'hawser');
const SOCKET_IO = {
  id: 'socket.io',
  title: 'Socket.IO',
  runtime: 'node',
  packages: { 'socket.io': '4.8.4' },
  module: 'socket.io/wrapper.mjs',
};
export const HUB_PEERS = [HAWSER, SOCKET_IO];

/** `client` is what a client has to say after the handshake to be in the room. The first is what the others are compared with. */
const SUBJECTS = [
  { id: 'broadcast', title: '`server.broadcast`', peer: HAWSER, client: { path: '/' } },
  { id: 'hub', title: '`hub.to(room).emit`', peer: HAWSER, client: { path: '/' } },
  {
    id: 'socket.io',
    title: 'Socket.IO, `io.to(room).emit`',
    peer: SOCKET_IO,
    client: { path: '/socket.io/?EIO=4&transport=websocket', hello: '40' },
  },
];

/** Measures all of them in turns, round after round. */
export async function measureHub(bench, quick) {
  const rounds = quick ? 1 : WHOLE_ROUNDS;
  const progress = startProgress(rounds * SUBJECTS.length * PACES.length);
  const samples = PACES.map(({ atATime }) => ({
    atATime,
    costs: Object.fromEntries(SUBJECTS.map(({ id }) => [id, []])),
  }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, pace] of PACES.entries()) {
      for (const subject of SUBJECTS) {
        progress.step(`${subject.id}, ${pace.atATime} at a time`);
        samples[i].costs[subject.id].push(
          await withProcesses((start) => measureSubject(subject, pace, bench, start)),
        );
      }
    }
  }
  progress.clear();
  return { rounds, clients: CLIENTS, paces: samples.map(summarizeHub) };
}

/** Returns µs of the server's CPU for each delivery. */
async function measureSubject({ id, peer, client }, pace, bench, start) {
  const command = commandOf(peer, bench.cache, bench.node);
  const module = moduleOf(peer, bench.cache);
  const plan = { ...pace, clients: CLIENTS };
  const server = start(
    `the server of ${id}`,
    bench.cores.measured,
    [
      ...command,
      join(bench.folder, 'servers', 'room.mjs'),
      JSON.stringify({ ...plan, subject: id, module, hub: join(dirname(module), 'hub.mjs') }),
    ],
    { env: { ...process.env, ...environmentOf(peer) } },
  );
  const ports = await server.next();
  const clients = start('the clients', bench.cores.load, [
    ...commandOf(HAWSER, bench.cache, bench.node),
    join(bench.folder, 'clients', 'room.mjs'),
    JSON.stringify({ ...plan, ...client, ...ports }),
  ]);
  await clients.next();
  const { cpu } = await server.ask('begin');
  return cpu / (pace.turns * pace.atATime * CLIENTS);
}

/** @param costs - For each subject's id what a delivery cost in each round. */
export function summarizeHub({ atATime, costs }) {
  return { atATime, subjects: besideFirst(costs) };
}

export function drawHubTable({ paces, clients }) {
  const head = [
    `µs for each of ${clients.toLocaleString('en')} clients`,
    ...paces.flatMap(({ atATime }) => [`${atATime} at a time`, 'ratio']),
  ];
  const rows = SUBJECTS.map(({ id, title }) => [
    title,
    ...paces.flatMap(({ subjects }) => [digits(subjects[id].cpu.median), String(subjects[id].ratio)]),
  ]);
  return layOut([head, ...rows]);
}
