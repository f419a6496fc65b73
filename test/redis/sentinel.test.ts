import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { redisAdapter } from '../../src/redis/redis-adapter.ts';
import { AdapterTestNode } from '../hub/adapter-node.ts';
import { MASTER, RedisServer } from './redis-server.ts';

const ROOMS = ['/#a', '/#b', '/#c'];
const EVERY_MS = 5;

it('every message comes once and in order, or there is a gap, when a replica takes over from a server that is killed', {
  timeout: 90_000,
}, async () => {
  const master = await start(() => RedisServer.start('--repl-diskless-sync-delay', '0'));
  const replica = await start(() => RedisServer.start('--replicaof', `127.0.0.1 ${master.port}`));
  await untilReplicated(replica);
  const sentinel = await start(() => RedisServer.startSentinel(master));
  await untilWatched(sentinel);
  const nodes = [await openNode(sentinel), await openNode(sentinel)];
  for (const { adapter } of nodes) for (const room of ROOMS) await adapter.subscribe(room);
  const starts = new Map(
    await Promise.all(ROOMS.map(async (room) => [room, await nodes[0]!.adapter.head(room)] as const)),
  );

  const talks = nodes.map((node) => new Talk(node));
  await Promise.all(nodes.map((node) => node.mids(200)));
  await master.kill();
  await Promise.all(nodes.map((node) => node.reported('unreachable')));
  await Promise.all(nodes.map((node) => node.reported('reachable')));
  const before = nodes.map(({ delivered }) => delivered.length);
  await Promise.all(nodes.map((node, i) => node.mids(before[i]! + 200)));
  const sent = await Promise.all(talks.map((talk) => talk.end()));

  for (const node of nodes) {
    for (const room of ROOMS) {
      for (const mids of sent) {
        const expected = mids.get(room)!;
        const mine = () => node.delivered.filter(({ mid }) => expected.includes(mid)).map(({ mid }) => mid);
        await node.until(() => mine().at(-1) === expected.at(-1));
        // What is there is in order and came once; where something is missing, that was told.
        expect(mine()).toEqual(expected.filter((mid) => mine().includes(mid)));
        if (!node.gaps.includes(room)) expect(mine()).toEqual(expected);
      }
    }
  }
  // The same is true for one who comes back now.
  for (const room of ROOMS) {
    const { entries, complete } = await nodes[1]!.adapter.entriesAfter(room, starts.get(room)!);
    const logged = entries.map(({ mid }) => mid);
    expect(new Set(logged).size).toBe(logged.length);
    for (const mids of sent) {
      const expected = mids.get(room)!;
      const mine = logged.filter((mid) => expected.includes(mid));
      expect(mine).toEqual(expected.filter((mid) => logged.includes(mid)));
      if (complete) expect(mine).toEqual(expected);
    }
  }
  console.log(
    `${sent.flatMap((mids) => [...mids.values()].flat()).length} messages, gaps: ${nodes.map(({ gaps }) => gaps.length)}`,
  );
  expect(nodes.flatMap(({ reports }) => reports.filter(({ kind }) => kind === 'loss'))).toEqual([]);
});

/** Says something in each room at a steady rate. */
class Talk {
  readonly #node: AdapterTestNode;
  readonly #sent = new Map(ROOMS.map((room) => [room, [] as string[]]));
  readonly #appended: unknown[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(node: AdapterTestNode) {
    this.#node = node;
    this.#timer = setInterval(() => this.#say(), EVERY_MS);
    onTestFinished(() => clearInterval(this.#timer));
  }

  /** Returns the ids of what it has said in each room, when all of it is in the log. */
  async end(): Promise<ReadonlyMap<string, readonly string[]>> {
    clearInterval(this.#timer);
    await Promise.all(this.#appended);
    return this.#sent;
  }

  #say(): void {
    for (const [room, mids] of this.#sent) {
      const message = this.#node.message(room);
      mids.push(message.mid);
      const appended = this.#node.adapter.append(message);
      Promise.resolve(appended).catch(() => {});
      this.#appended.push(appended);
    }
  }
}

async function start(starting: () => Promise<RedisServer>): Promise<RedisServer> {
  const server = await starting();
  onTestFinished(() => server.stop());
  return server;
}

async function openNode({ port }: RedisServer): Promise<AdapterTestNode> {
  const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: MASTER, lazyConnect: true });
  const adapter = redisAdapter({ client, timeoutMs: 1_000, heartbeatMs: 200 });
  return AdapterTestNode.open(adapter, { count: 10_000, ageMs: 60_000 });
}

async function untilReplicated({ port }: RedisServer): Promise<void> {
  await asks(
    port,
    (client) => client.info('replication'),
    (info) => info.includes('master_link_status:up'),
  );
}

/** A sentinel finds out about replicas by itself. */
async function untilWatched({ port }: RedisServer): Promise<void> {
  await asks(
    port,
    (client) => client.call('SENTINEL', 'REPLICAS', MASTER),
    (found) => (found as unknown[]).length > 0,
  );
}

/** Asks a server until it answers as it should. */
async function asks<Answer>(
  port: number,
  ask: (client: Redis) => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
) {
  const client = new Redis(port, '127.0.0.1');
  while (!isSo(await ask(client))) {}
  client.disconnect();
}
