// npm run soak: holds connections with traffic while others come, misbehave and go, over and over; writes
// soak/results.json. See --help.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from '../src/index.ts';
import { misbehave } from './misbehaviour.ts';
import type { Engine, ServerState } from './server.ts';
import { writeTable } from './table.ts';

/** The last run of each engine. */
export type KeptResults = Readonly<Partial<Record<Engine, SoakResults>>>;

/** What a run measured; memory is the server's, in bytes. */
export interface SoakResults {
  readonly command: string;
  readonly connectionsHeld: number;
  readonly minutes: number;
  readonly messagesSent: number;
  readonly messagesLost: number;
  readonly pingsSent: number;
  readonly pongsLost: number;
  readonly heartbeatPings: number;
  readonly connectionsLost: number;
  readonly goodVisits: number;
  readonly badVisits: number;
  readonly uncaught: number;
  readonly clientsLeft: number;
  readonly before: ServerState;
  /** What each load left, and had while it was there. */
  readonly cycles: readonly Cycle[];
}

interface Cycle {
  readonly held: ServerState;
  readonly after: ServerState;
}

/** How many addresses the load comes from, and how many connections are opened, or visit, at a time. */
const ADDRESSES = 8;
const AT_ONCE = 50;
const VISITORS = 20;
/** Connections that get a message in one round. */
const ROUND = 500;

const resultsFile = new URL('results.json', import.meta.url);
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    connections: { type: 'string', default: '10000' },
    cycles: { type: 'string', default: '4' },
    engine: { type: 'string', default: 'hawser' },
    help: { type: 'boolean', default: false },
  },
});
const counts = { sent: 0, received: 0, pings: 0, pongs: 0, heartbeats: 0, lost: 0, good: 0, bad: 0 };

async function main(): Promise<void> {
  setPriority(10);
  const server = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [options.engine], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  });
  const [port] = (await once(server, 'message')) as [number];
  await visit(port, 200);
  const before = await stateOf(server);
  const connections = Number(options.connections);
  const minutes = Number(options.minutes);
  const cycles: Cycle[] = [];
  for (let i = 0; i < Number(options.cycles); i++)
    cycles.push(await load(server, port, connections, (minutes * 60_000) / Number(options.cycles)));
  const { uncaught, clients } = cycles.at(-1)!.after;
  const results: SoakResults = {
    command: `npm run soak -- --minutes ${minutes} --connections ${connections} --cycles ${cycles.length} --engine ${options.engine}`,
    connectionsHeld: connections,
    minutes,
    messagesSent: counts.sent,
    messagesLost: counts.sent - counts.received,
    pingsSent: counts.pings,
    pongsLost: counts.pings - counts.pongs,
    heartbeatPings: counts.heartbeats,
    connectionsLost: counts.lost,
    goodVisits: counts.good,
    badVisits: counts.bad,
    uncaught,
    clientsLeft: clients,
    before,
    cycles,
  };
  server.disconnect();
  server.kill();
  console.log(results);
  report(results);
}

/** Keeps the results of the engine beside those of the other, and writes the table of both. */
function report(results: SoakResults): void {
  const kept = JSON.parse(readFileSync(resultsFile, 'utf8')) as KeptResults;
  const all: KeptResults = { ...kept, [options.engine]: results };
  writeFileSync(resultsFile, `${JSON.stringify(all, null, 2)}\n`);
  writeTable(all);
  const { messagesLost, pongsLost, connectionsLost, uncaught, clientsLeft } = results;
  process.exitCode = messagesLost + pongsLost + connectionsLost + uncaught + clientsLeft > 0 ? 1 : 0;
}

/** Opens `count` connections, has them talk for `durationMs` while others visit, and closes them. */
async function load(server: ChildProcess, port: number, count: number, durationMs: number): Promise<Cycle> {
  const ends = performance.now() + durationMs;
  const held = await hold(port, count);
  const visitors = Array.from({ length: VISITORS }, () => visitUntil(port, ends));
  await talk(held, ends);
  await Promise.all(visitors);
  await settle(() => counts.received >= counts.sent && counts.pongs >= counts.pings);
  const heldState = await stateOf(server);
  await closeAll(held);
  const cycle = { held: heldState, after: await settled(server) };
  console.log(cycle);
  return cycle;
}

async function stateOf(server: ChildProcess): Promise<ServerState> {
  const answer = once(server, 'message');
  server.send('state');
  return (await answer)[0] as ServerState;
}

/** The state once no client is left, or after as long as that may take. */
async function settled(server: ChildProcess): Promise<ServerState> {
  let state = await stateOf(server);
  for (let i = 0; i < 50 && state.clients > 0; i++) {
    await sleep(200);
    state = await stateOf(server);
  }
  return state;
}

async function hold(port: number, count: number): Promise<WebSocket[]> {
  const held: WebSocket[] = [];
  while (held.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - held.length) }, (_, i) =>
      open(port, held.length + i),
    );
    held.push(...(await Promise.all(next)));
  }
  for (const ws of held) {
    ws.on('message', () => counts.received++);
    ws.on('ping', () => counts.heartbeats++);
    ws.on('pong', () => counts.pongs++);
    ws.on('close', lose);
  }
  return held;
}

function lose(): void {
  counts.lost++;
}

async function open(port: number, number: number): Promise<WebSocket> {
  const ws = new WebSocket(`ws://127.0.0.${1 + (number % ADDRESSES)}:${port}/`);
  await once(ws, 'open');
  ws.on('error', () => {});
  return ws;
}

/** Sends messages and pings to a part of the connections at a time, once the former ones were answered. */
async function talk(held: readonly WebSocket[], ends: number): Promise<void> {
  for (let start = 0; performance.now() < ends; start = (start + ROUND) % held.length) {
    for (const ws of held.slice(start, start + ROUND)) {
      ws.send(`message ${counts.sent++}`);
      ws.ping();
      counts.pings++;
    }
    await settle(() => counts.received >= counts.sent && counts.pongs >= counts.pings);
  }
}

async function visitUntil(port: number, ends: number): Promise<void> {
  while (performance.now() < ends) await visit(port, 2);
}

/** Half of the visits are of peers that misbehave. */
async function visit(port: number, times: number): Promise<void> {
  for (let i = 0; i < times; i += 2) {
    await misbehave(port, '127.0.0.9', counts.bad++);
    const ws = await open(port, counts.good++);
    const echoed = once(ws, 'message');
    ws.send('hello');
    await echoed;
    const closed = once(ws, 'close');
    ws.close(1000);
    await closed;
  }
}

/** From here on an end is no loss. */
async function closeAll(held: readonly WebSocket[]): Promise<void> {
  const open = held.filter((ws) => ws.readyState !== WebSocket.CLOSED);
  const closed = open.map((ws) => once(ws.off('close', lose), 'close'));
  for (const ws of open) ws.close(1000);
  await Promise.all(closed);
}

/** Waits until `done`, or as long as an answer may take: what is missing then is lost. */
async function settle(done: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !done(); i++) await sleep(10);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (options.help)
  console.log('npm run soak -- [--minutes 3] [--connections 10000] [--cycles 4] [--engine ws]');
else main();
