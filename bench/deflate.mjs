// npm run bench -- --deflate: what permessage-deflate costs, and saves, with one tuning and another.
import { once } from 'node:events';
import WebSocket from 'ws';
import { MIN_ROUNDS } from './kept.mjs';
import { measure, startServer, withProcesses } from './measurement.mjs';
import { PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { roundedSpread, significant } from './statistics.mjs';
import { payloadsOf } from './turns.mjs';

/** Shorter than for the scenarios: tunings and sizes make many measurements. */
const TIMES = { warmUpMs: 500, windowMs: 1000 };
export const DEFLATE_PEERS = PEERS.filter(({ id }) => ['hawser', 'ws'].includes(id));
const [HAWSER, WS] = DEFLATE_PEERS;

const NO_CONTEXT = { serverNoContextTakeover: true, clientNoContextTakeover: true };

/** What can be set; `option` is the server's `perMessageDeflate`, as a reader would write it. */
const TUNINGS = [
  { title: 'true: the default', option: true },
  {
    title: '{ zlibDeflateOptions: { windowBits: 15, memLevel: 8 } }',
    option: zlib({ windowBits: 15, memLevel: 8 }),
  },
  {
    title: '{ zlibDeflateOptions: { windowBits: 10, memLevel: 4 } }',
    option: zlib({ windowBits: 10, memLevel: 4 }),
  },
  { title: '{ zlibDeflateOptions: { level: 1 } }', option: zlib({ level: 1 }) },
  { title: '{ clientMaxWindowBits: 10 }', option: { clientMaxWindowBits: 10 } },
  { title: '{ serverNoContextTakeover: true }', option: { serverNoContextTakeover: true } },
  { title: '{ serverNoContextTakeover: true, clientNoContextTakeover: true }', option: NO_CONTEXT },
].map((tuning) => ({ ...tuning, peer: HAWSER }));

const ALL_TUNINGS = [...TUNINGS, { title: 'ws, true', option: true, peer: WS }];

/** Sizes of messages that are compressed at once, or in a thread. */
const SIZES = [1024, 4096, 16_384, 65_536];

/** How much is sent to find what becomes of it, in bytes. */
const RATIO_BYTES = 2 ** 20;

/** Measures all in turns, round after round. */
export async function measureDeflate(bench, quick) {
  const rounds = quick ? 1 : MIN_ROUNDS;
  const tunings = quick ? [ALL_TUNINGS[0], ALL_TUNINGS.at(-1)] : ALL_TUNINGS;
  const ways = SIZES.flatMap((bytes) => [true, false].map((fastPath) => ({ bytes, fastPath })));
  const progress = startProgress(rounds * (2 * tunings.length + ways.length));
  const run = (name, scenario, peer) => {
    progress.step(name);
    return measure(scenario, peer, { ...bench, ...TIMES });
  };
  const samples = tunings.map(() => ({ cpu: [], memory: [] }));
  const costs = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { title, option, peer }] of tunings.entries()) {
      samples[i].cpu.push((await run(title, echo(1024, option), peer)).cost);
      samples[i].memory.push((await run(title, memory(option), peer)).cost);
    }
    for (const [i, { bytes, fastPath }] of ways.entries()) {
      const peer = { ...HAWSER, settings: { fastPath } };
      costs[i].push((await run(`${bytes} B, fastPath: ${fastPath}`, echo(bytes, true), peer)).cost);
    }
  }
  progress.clear();
  const rows = await Promise.all(
    tunings.map(async ({ title, option, peer }, i) => ({
      title,
      cpu: roundedSpread(samples[i].cpu),
      memory: roundedSpread(samples[i].memory),
      output: await Promise.all([1024, 65_536].map((bytes) => outputOf(echo(bytes, option), peer, bench))),
    })),
  );
  return { rounds, tunings: rows, sizes: sizesOf(ways, costs) };
}

function sizesOf(ways, costs) {
  const costOf = (bytes, fastPath) =>
    roundedSpread(costs[ways.findIndex((way) => way.bytes === bytes && way.fastPath === fastPath)]);
  return SIZES.map((bytes) => ({ bytes, atOnce: costOf(bytes, true), inThread: costOf(bytes, false) }));
}

/** What a server sends for its messages, as a part of their length; a new connection that keeps its context. */
function outputOf(scenario, peer, bench) {
  return withProcesses(async (start) => {
    const server = startServer(scenario, peer, { ...bench, start });
    const { port } = await server.next();
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
    const before = response.socket.bytesRead;
    const [, bytes] = scenario.payload;
    const payloads = payloadsOf({ ...scenario, messages: RATIO_BYTES / bytes }, 0);
    for (const payload of payloads) {
      const reply = once(socket, 'message');
      socket.send(payload.toString());
      await reply;
    }
    const part = (response.socket.bytesRead - before) / RATIO_BYTES;
    socket.terminate();
    return significant(part);
  });
}

function zlib(options) {
  return { zlibDeflateOptions: options };
}

function echo(bytes, deflate) {
  const id = `deflate-${bytes}`;
  return { id, kind: 'echo', payload: ['json', bytes], connections: 20, messages: 4, variety: 8, deflate };
}

function memory(deflate) {
  return {
    id: 'deflate-memory',
    kind: 'memory',
    payload: ['json', 1024],
    connections: 500,
    messages: 1,
    deflate,
  };
}
