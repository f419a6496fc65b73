// What a message of a room costs between two nodes, by adapter: `npm run bench -- --adapters`.
import { MessageChannel } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { ClusterPrimary, clusterAdapter } from '../src/cluster/index.ts';
import type { Adapter, RoomEntry } from '../src/hub/adapter.ts';
import { memoryAdapter } from '../src/hub/memory-adapter.ts';
import { redisAdapter } from '../src/redis/index.ts';
import { RedisServer } from '../test/redis/redis-server.ts';

const ROOMS = Array.from({ length: 20 }, (_, i) => `/#room-${i}`);
const BODY = JSON.stringify('x'.repeat(100));
const MESSAGES = 20_000;
const UNDER_WAY = 200;
const PINGS = 500;
const ROUNDS = 3;

interface Contestant {
  readonly name: string;
  create(round: number): readonly Adapter[];
  /** Of a server beside, in seconds. */
  cpu?(): Promise<number>;
}

/** A node that tells when something was delivered. */
class BenchNode {
  delivered = 0;
  readonly #adapter: Adapter;
  readonly #id: string;
  #mids = 0;
  #onDelivered: (() => void) | undefined;

  constructor(adapter: Adapter, id: string) {
    this.#adapter = adapter;
    this.#id = id;
  }

  async open(): Promise<void> {
    await this.#adapter.open({
      id: this.#id,
      history: { count: 1_000, ageMs: 60_000 },
      deliver: (_entry: RoomEntry) => {
        this.delivered++;
        this.#onDelivered?.();
      },
      gap: (room) => {
        throw new Error(`a gap in ${room}`);
      },
      answer: () => undefined,
      report: (report) => {
        if (report.kind !== 'lag') throw new Error(report.kind);
      },
    });
    for (const room of ROOMS) await this.#adapter.subscribe(room);
  }

  append(room: string): Promise<void> | void {
    const mid = `${this.#id}:${++this.#mids}`;
    return this.#adapter.append({ room, mid, type: 'said', body: BODY, except: [], volatile: false });
  }

  async until(count: number): Promise<void> {
    if (this.delivered >= count) return;
    await new Promise<void>((resolve) => {
      this.#onDelivered = () => this.delivered >= count && resolve();
    });
  }

  close(): Promise<void> | void {
    return this.#adapter.close();
  }
}

async function measure({ create, cpu }: Contestant, round: number) {
  const nodes = create(round).map(
    (adapter, i) => new BenchNode(adapter, `bench-${process.pid}-${round}-${i}`),
  );
  for (const node of nodes) await node.open();
  const [sender, receiver] = [nodes[0]!, nodes.at(-1)!];
  await send(sender, receiver, 2_000);
  const [before, serverBefore] = [process.cpuUsage(), await cpu?.()];
  await send(sender, receiver, MESSAGES);
  const { user, system } = process.cpuUsage(before);
  const server = serverBefore === undefined ? undefined : (await cpu!()) - serverBefore;
  const latencies: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const [started, goal] = [performance.now(), receiver.delivered + 1];
    void sender.append(ROOMS[0]!);
    await receiver.until(goal);
    latencies.push(performance.now() - started);
  }
  for (const node of nodes) await node.close();
  return {
    nodes: (user + system) / MESSAGES,
    server: server === undefined ? undefined : (server * 1e6) / MESSAGES,
    latencyMs: latencies.sort((a, b) => a - b)[PINGS / 2]!,
  };
}

/** Sends messages, some of them under way at a time, and waits until the other node has all. */
async function send(sender: BenchNode, receiver: BenchNode, count: number): Promise<void> {
  const goal = receiver.delivered + count;
  for (let sent = 0; sent < count; sent += UNDER_WAY) {
    await Promise.all(Array.from({ length: UNDER_WAY }, (_, i) => sender.append(ROOMS[i % ROOMS.length]!)));
  }
  await receiver.until(goal);
}

const server = await RedisServer.start();
const info = createClient({ url: server.url });
await info.connect();
const cpu = async (): Promise<number> => {
  const text = await info.info('cpu');
  const read = (name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)![1]);
  return read('used_cpu_user') + read('used_cpu_sys');
};
const primaries: ClusterPrimary[] = [];
const contestants: Contestant[] = [
  { name: 'memoryAdapter, one node', create: () => [memoryAdapter()] },
  {
    name: 'clusterAdapter, two nodes and the primary',
    create: () => {
      const primary = new ClusterPrimary();
      primaries.push(primary);
      return [0, 1].map(() => {
        const { port1, port2 } = new MessageChannel();
        primary.add(port1);
        return clusterAdapter({ peer: port2 });
      });
    },
  },
  {
    name: 'redisAdapter with redis, two nodes',
    cpu,
    create: (round) =>
      [0, 1].map(() => redisAdapter({ client: createClient({ url: server.url }), prefix: `a${round}` })),
  },
  {
    name: 'redisAdapter with ioredis, two nodes',
    cpu,
    create: (round) =>
      [0, 1].map(() => {
        return redisAdapter({ client: new Redis(server.url, { lazyConnect: true }), prefix: `b${round}` });
      }),
  },
];
const results = new Map(contestants.map(({ name }) => [name, [] as Awaited<ReturnType<typeof measure>>[]]));
// They take turns, as the machine is not the same from minute to minute.
for (let round = 0; round < ROUNDS; round++) {
  for (const contestant of contestants) results.get(contestant.name)!.push(await measure(contestant, round));
}
console.log('| adapter | CPU of the nodes | CPU of Redis | median latency |\n| --- | ---: | ---: | ---: |');
for (const [name, rounds] of results) {
  const median = (of: (round: (typeof rounds)[number]) => number | undefined): number | undefined =>
    rounds.map(of).sort((a, b) => (a ?? 0) - (b ?? 0))[Math.floor(ROUNDS / 2)];
  const [nodes, redis, latency] = [
    median((r) => r.nodes),
    median((r) => r.server),
    median((r) => r.latencyMs),
  ];
  console.log(`| ${name} | ${micro(nodes)} | ${micro(redis)} | ${latency!.toFixed(2)} ms |`);
}
for (const primary of primaries) await primary.close();
info.destroy();
await server.stop();

function micro(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(1)} µs`;
}
