import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../../examples/chat-cluster/cluster/free-ports.mts';
import { startProxy } from '../../examples/chat-cluster/cluster/proxy.mts';
import { findNginx } from '../../scripts/nginx.mjs';
import { FailoverClient } from './failover-client.ts';
import { FailoverEmitter } from './failover-emitter.ts';
import type { FromNode } from './failover-node.ts';
import { RedisServer } from './redis-server.ts';
import { StallingProxy } from './stalling-proxy.ts';

const ROOMS = Array.from({ length: 20 }, (_, i) => `room-${i}`);
const CLIENTS_PER_ROOM = 10;
const NODE = fileURLToPath(new URL('./failover-node.ts', import.meta.url));

it('clients get every message once and in order, or are told of a gap, whatever fails', {
  timeout: 240_000,
}, async () => {
  const server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
  onTestFinished(() => server.stop());
  const proxy = await StallingProxy.start(server.port);
  onTestFinished(() => proxy.close());
  const [a, b] = await Promise.all([Node.start('a', server.url), Node.start('b', server.url)]);

  const site = await startSite(a, b);
  const clients = await Promise.all(
    ROOMS.flatMap((room) => Array.from({ length: CLIENTS_PER_ROOM }, () => visit(site, room))),
  );
  onTestFinished(() => {
    for (const client of clients) client.close();
  });
  const clientsOf = ({ name }: Node) => clients.filter(({ node }) => node === name);
  const all = (work: (client: FailoverClient) => Promise<unknown>) => Promise.all(clients.map(work));
  /** Waits until all clients have got some more from nodes. */
  const more = (...nodes: Node[]) =>
    all(async (client) => {
      for (const { name } of nodes) {
        const before = client.lastOf(name);
        await client.until(() => client.lastOf(name) >= before + 3);
      }
    });
  const emitters = ROOMS.map((room, i) => {
    return new FailoverEmitter(room, `${hubOf(site)}?node=${i % 2 === 0 ? 'a' : 'b'}`);
  });
  onTestFinished(() => {
    for (const emitter of emitters) emitter.close();
  });
  const gaps = () => clients.reduce((sum, client) => sum + client.gaps, 0);
  const faults = () => clients.flatMap((client) => client.faults);

  await all((client) => client.connect());
  await more(a, b);
  const homeless = clientsOf(a);
  expect(homeless).not.toEqual([]);
  expect(clientsOf(b)).toHaveLength(clients.length - homeless.length);
  expect(clientsOf(b)).not.toEqual([]);

  // A node is killed: the proxy brings its clients to the other one.
  await a.kill();
  await all((client) => client.until(() => client.node === b.name));
  await more(b);
  expect({ faults: faults(), gaps: gaps() }).toEqual({ faults: [], gaps: 0 });
  for (const room of ROOMS) {
    const lastOnes = clients.filter((client) => client.room === room).map((client) => client.lastOf('a'));
    expect(new Set(lastOnes).size).toBe(1);
  }

  // Another one takes its place, whose way to Redis is not the best, and those who come back to it.
  const c = await Node.start('c', proxy.url, a.port);
  for (const client of homeless) client.drop();
  await all((client) => client.until(() => client.node !== undefined));
  await more(b, c);
  expect(clientsOf(c)).toEqual(homeless);

  // Redis is killed, and comes back with what it had.
  await server.kill();
  await Promise.all([b.told('unreachable'), c.told('unreachable')]);
  await server.start();
  await Promise.all([b.told('reachable'), c.told('reachable')]);
  await more(b, c);
  expect({ faults: faults(), gaps: gaps() }).toEqual({ faults: [], gaps: 0 });

  // One node's network stalls: its own clients go on. Then it is cut.
  for (const fail of [() => proxy.stall(), () => proxy.cut()]) {
    fail();
    await c.told('unreachable');
    await Promise.all([
      ...clientsOf(c).map((client) => seesMore(client, c)),
      ...clientsOf(b).map((client) => seesMore(client, b)),
    ]);
    proxy.heal();
    await c.told('reachable');
    await more(b, c);
  }
  expect({ faults: faults(), gaps: gaps() }).toEqual({ faults: [], gaps: 0 });

  // Redis loses everything: that cannot be made good, and everybody is told.
  await server.kill();
  await Promise.all([b.told('unreachable'), c.told('unreachable')]);
  await server.startEmpty();
  await Promise.all([b.told('reachable'), c.told('reachable')]);
  await more(b, c);
  expect(faults()).toEqual([]);
  expect(clients.filter((client) => client.gaps === 0)).toEqual([]);

  // A client that comes back now is told the truth by either node, and comes back to its own.
  const told = gaps();
  for (const client of clients) client.drop();
  await all((client) => client.until(() => client.node !== undefined));
  await more(b, c);
  expect(clientsOf(c)).toEqual(homeless);
  expect({ faults: faults(), gaps: gaps() }).toEqual({ faults: [], gaps: told });

  for (const node of [b, c]) {
    const said = await node.silence();
    await all((client) => client.until(() => client.lastOf(node.name) === said));
    expect(node.losses).toBe(0);
  }
  for (const emitter of emitters) {
    const said = await emitter.silence();
    const listeners = clients.filter(({ room }) => room === emitter.room);
    await Promise.all(listeners.map((client) => client.until(() => client.lastOf(emitter.name) === said)));
  }
  expect({ faults: faults(), gaps: gaps() }).toEqual({ faults: [], gaps: told });
  // A node died once, and each client had one message that was not answered at most.
  expect(clients.filter(({ handledAgain }) => handledAgain > 1)).toEqual([]);
  console.log(summaryOf(clients));
});

/** Starts the proxy of the example before two nodes, with a page that sets its cookie; returns where that is. */
async function startSite(a: Node, b: Node): Promise<string> {
  const { executablePath, reason } = findNginx();
  if (executablePath === undefined) throw new Error(reason);
  const folder = mkdtempSync(join(tmpdir(), 'hawser-failover-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.html'), '');
  const [port = 0] = await freePorts(0);
  const proxy = await startProxy({
    command: executablePath,
    folder,
    port,
    nodePorts: { a: a.port, b: b.port },
    page: folder,
    onLine: () => {},
  });
  onTestFinished(() => proxy.stop());
  return `http://127.0.0.1:${port}/`;
}

function hubOf(site: string): string {
  return new URL('hub', site).href.replace('http', 'ws');
}

/** Makes a client of a room, which has been to the page, as browsers have. */
async function visit(site: string, room: string): Promise<FailoverClient> {
  const page = await fetch(site);
  await page.arrayBuffer();
  const [cookie = ''] = page.headers.getSetCookie();
  return new FailoverClient(room, hubOf(site), cookie.split(';')[0]!);
}

async function seesMore(client: FailoverClient, { name }: Node): Promise<void> {
  const before = client.lastOf(name);
  await client.until(() => client.lastOf(name) >= before + 3);
}

function summaryOf(clients: readonly FailoverClient[]): string {
  const sum = (of: (client: FailoverClient) => number) =>
    clients.reduce((total, client) => total + of(client), 0);
  const [received, duplicates, gaps] = [sum((c) => c.received), sum((c) => c.duplicates), sum((c) => c.gaps)];
  return `${clients.length} clients: ${received} messages, ${duplicates} came twice, ${gaps} gaps told`;
}

/** A node in a process of its own. */
class Node {
  readonly name: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #told: FromNode[] = [];

  private constructor(name: string, port: number, child: ChildProcess) {
    this.name = name;
    this.port = port;
    this.#child = child;
    child.on('message', (message) => this.#told.push(message as FromNode));
  }

  /** @param port - Where it listens; 0 for a free port. */
  static async start(name: string, redisUrl: string, port = 0): Promise<Node> {
    const child = fork(NODE, [name, redisUrl, ROOMS.join(','), String(port)], {
      execArgv: ['--import', 'tsx'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`node ${name} ended: ${code}`)),
    );
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromNode];
    ended.catch(() => {});
    if (message.kind !== 'listening') throw new Error(`node ${name} said ${message.kind} first`);
    return new Node(name, message.port, child);
  }

  get losses(): number {
    return this.#told.filter(({ kind }) => kind === 'loss').length;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  /** Takes the next report of a kind; it may have come already. */
  async told(kind: FromNode['kind']): Promise<FromNode> {
    for (;;) {
      const index = this.#told.findIndex((message) => message.kind === kind);
      if (index !== -1) return this.#told.splice(index, 1)[0]!;
      await once(this.#child, 'message');
    }
  }

  /** Lets it say nothing any more; returns how many messages it has said in each room. */
  async silence(): Promise<number> {
    this.#child.send('silence');
    const message = await this.told('silent');
    return message.kind === 'silent' ? message.said : 0;
  }
}
