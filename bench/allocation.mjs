// npm run bench -- --allocation: what a short message that comes allocates, beside the Buffer that it is.
import { join } from 'node:path';
import { withProcesses } from './measurement.mjs';
import { commandOf, environmentOf, moduleOf, PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { roundedSpread } from './statistics.mjs';
import { request } from './turns.mjs';

const BYTES = 20;
const AT_A_TIME = 64;
/** So many that all of them fit into the young generation, which nothing is collected in before it is full. */
const MESSAGES = 200 * AT_A_TIME;
/** MiB; V8 grows it at need, and with that collects. */
const YOUNG_GENERATION = 128;
/** Until the compilers are done. */
const WARM_UPS = 8;
const ROUNDS = 9;
const QUICK_ROUNDS = 3;

const KINDS = ['message', 'buffer', 'emitted'];

const peer = (id) => PEERS.find((each) => each.id === id);

/** Who is measured, and how. */
const RECEIVERS = [
  { id: 'hawser', title: 'Hawser', peer: peer('hawser'), fastPath: true },
  { id: 'plain', title: 'Hawser, `fastPath: false`', peer: peer('hawser'), fastPath: false },
  { id: 'ws', title: 'ws', peer: peer('ws') },
];

export const ALLOCATION_PEERS = [peer('hawser'), peer('ws')];

/** Measures one after the other, each in a process of its own. */
export async function measureAllocation(bench, quick) {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const progress = startProgress(RECEIVERS.length);
  const measured = {};
  for (const receiver of RECEIVERS) {
    progress.step(`allocation ${receiver.id}`);
    measured[receiver.id] = await withProcesses((start) => measureReceiver(receiver, rounds, start, bench));
  }
  progress.clear();
  return { rounds, bytes: BYTES, atATime: AT_A_TIME, ...summarizeAllocation(measured) };
}

/** @param measured - For each receiver's id the samples of messages, of Buffers of their length, and of such when emitted. */
export function summarizeAllocation(measured) {
  const receivers = RECEIVERS.filter(({ id }) => measured[id] !== undefined).map(({ id, title }) => ({
    title,
    ...Object.fromEntries(KINDS.map((kind) => [kind, summarize(measured[id].map((sample) => sample[kind]))])),
  }));
  return { receivers };
}

function summarize(samples) {
  return {
    heap: roundedSpread(samples.map(({ heap }) => heap)),
    arrayBuffers: roundedSpread(samples.map(({ arrayBuffers }) => arrayBuffers)),
  };
}

async function measureReceiver({ peer, fastPath }, rounds, start, bench) {
  const settings = { messages: MESSAGES, bytes: BYTES, atATime: AT_A_TIME, fastPath };
  const script = (role) => join(bench.folder, `${role}s`, 'allocation.mjs');
  const command = commandOf(peer, bench.cache, bench.node, ['--expose-gc']);
  const room = [`--min-semi-space-size=${YOUNG_GENERATION}`, `--max-semi-space-size=${YOUNG_GENERATION}`];
  const server = start(
    `the receiver of ${peer.id}`,
    bench.cores.measured,
    [
      ...command,
      ...room,
      script('server'),
      JSON.stringify({ ...settings, module: moduleOf(peer, bench.cache) }),
    ],
    { env: { ...process.env, ...environmentOf(peer) } },
  );
  const { port } = await server.next();
  const client = start('the sender', bench.cores.load, [
    ...[bench.node, script('client')],
    JSON.stringify({ ...settings, port, request: request(port, false) }),
  ]);
  await client.next();
  const sample = async () => {
    await server.ask('expect');
    await client.ask('send');
    return {
      message: uncollected(await server.ask('came')),
      buffer: uncollected(await server.ask('buffer')),
      emitted: uncollected(await server.ask('emitted')),
    };
  };
  for (let i = 0; i < WARM_UPS; i++) await sample();
  const samples = [];
  for (let round = 0; round < rounds; round++) samples.push(await sample());
  return samples;
}

function uncollected({ collected, ...sample }) {
  if (collected) throw new Error('garbage was collected meanwhile: the heap does not say what was allocated');
  return sample;
}
