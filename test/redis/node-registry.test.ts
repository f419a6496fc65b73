import { expect, it, onTestFinished } from 'vitest';
import { NodeRegistry } from '../../src/redis/node-registry.ts';
import { connectorTo } from '../../src/redis/redis-client.ts';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { READ_NODES } from '../../src/redis/redis-script.ts';
import { RedisServer } from './redis-server.ts';

const TIMES = { heartbeatMs: 50, lifeMs: 10_000, lossMs: 10_000, requestTimeoutMs: 100, timeoutMs: 2_000 };

async function startServer() {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  return server;
}

async function join(url: string, nodeId: string, times: Partial<typeof TIMES> = {}) {
  const lags: number[] = [];
  const gone: string[] = [];
  const lost: string[] = [];
  let onLag = (): void => {};
  let onGone = (): void => {};
  const link = new RedisLink(2_000, {
    onUp: () => {},
    onDown: () => {},
    onMessage: (_channel, message) => registry.receive(message),
  });
  onTestFinished(() => link.close());
  const host = {
    nodeId,
    answer: (): unknown => nodeId,
    onLag: (lagMs: number) => {
      lags.push(lagMs);
      onLag();
    },
    onGone: (nodes: readonly string[]) => {
      gone.push(...nodes);
      onGone();
    },
    onLost: (nodes: readonly string[]) => {
      lost.push(...nodes);
      onGone();
    },
  };
  const registry = new NodeRegistry(link, new RedisKeys('p'), host, { ...TIMES, ...times });
  await link.open(await connectorTo({ url }));
  await link.subscribe(registry.channels);
  await registry.join();
  onTestFinished(() => registry.goAway());
  const beats = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onLag = () => lags.length >= count && resolve();
      onLag();
    });
  const isGone = (node: string): Promise<void> =>
    new Promise((resolve) => {
      onGone = () => gone.includes(node) && resolve();
      onGone();
    });
  const isLost = (node: string): Promise<void> =>
    new Promise((resolve) => {
      onGone = () => lost.includes(node) && resolve();
      onGone();
    });
  return { registry, link, host, beats, lags, gone, isGone, lost, isLost };
}

const REQUEST = { kind: 'sockets', room: 'r' } as const;

it('knows which nodes live', async () => {
  const { url } = await startServer();
  const one = await join(url, 'one');
  const other = await join(url, 'other');
  expect(await one.registry.live()).toEqual(new Set(['one', 'other']));
  await other.registry.leave();
  expect(await one.registry.live()).toEqual(new Set(['one']));
});

it('tells once of each node that left, or died', async () => {
  const { url } = await startServer();
  const one = await join(url, 'one');
  const [left, dead] = [await join(url, 'left'), await join(url, 'dead', { lifeMs: 100 })];
  await one.beats(one.lags.length + 2);
  await left.registry.leave();
  await one.isGone('left');
  dead.registry.goAway();
  await one.isGone('dead');
  await one.beats(one.lags.length + 3);
  expect(one.gone).toEqual(['left', 'dead']);
  expect(left.gone).toEqual([]);
});

it('believes in those that it knows for as long as they may take to come back, when it was away itself', async () => {
  const { url } = await startServer();
  const [one, late] = [await join(url, 'one', { lifeMs: 1_500 }), await join(url, 'late', { lifeMs: 100 })];
  await one.beats(one.lags.length + 2);
  for (const { registry } of [one, late]) registry.goAway();
  await one.registry.join();
  const listed = () => one.link.run(READ_NODES, [new RedisKeys('p').nodes], []) as Promise<string[]>;
  while ((await listed()).includes('late')) await one.beats(one.lags.length + 1);
  expect(await one.registry.live()).toEqual(new Set(['one', 'late']));
  expect(one.gone).toEqual([]);
  await one.isGone('late');
  expect(await one.registry.live()).toEqual(new Set(['one']));
});

it('tells all, also who comes later, of nodes that did not come back when this one was away, and of no others', async () => {
  const { url } = await startServer();
  const lifeMs = 400;
  const one = await join(url, 'one', { lifeMs });
  // It died before, and is believed to live still.
  const silent = await join(url, 'silent', { lifeMs });
  silent.registry.goAway();
  await one.beats(one.lags.length + 5);
  const [lost, back, left] = [
    await join(url, 'lost', { lifeMs }),
    await join(url, 'back', { lifeMs }),
    await join(url, 'left', { lifeMs }),
  ];
  await one.beats(one.lags.length + 2);
  for (const { registry } of [one, lost, back]) registry.goAway();
  await Promise.all([one.registry.join(), back.registry.join()]);
  await left.registry.leave();
  await Promise.all([one.isLost('lost'), back.isLost('lost')]);
  await Promise.all([one.isGone('silent'), one.isGone('lost')]);
  const later = await join(url, 'later');
  await later.isLost('lost');
  for (const each of [one, back, later]) {
    expect(each.lost).toEqual(['lost']);
    expect(each.registry.lost).toEqual(['lost']);
  }
  expect([...one.gone].sort()).toEqual(['left', 'lost', 'silent']);
});

it('says again and again that its node lives, and how long that is on its way', async () => {
  const { url } = await startServer();
  const { beats, lags, registry } = await join(url, 'one', { lifeMs: 500 });
  await beats(15);
  expect(await registry.live()).toEqual(new Set(['one']));
  expect(lags.every((lagMs) => lagMs >= 0)).toBe(true);
});

it('asks all others, or one', async () => {
  const { url } = await startServer();
  const [one] = [await join(url, 'one'), await join(url, 'two'), await join(url, 'three')];
  expect((await one.registry.ask(REQUEST)).sort()).toEqual(['three', 'two']);
  expect(await one.registry.ask(REQUEST, 'three')).toEqual(['three']);
  expect(await one.registry.ask(REQUEST, 'nobody')).toEqual([]);
});

it('does without those that fail, or do not answer', async () => {
  const { url } = await startServer();
  const [one, two, three] = [await join(url, 'one'), await join(url, 'two'), await join(url, 'three')];
  two.host.answer = () => {
    throw new Error('no');
  };
  expect(await one.registry.ask(REQUEST)).toEqual(['three']);
  three.host.answer = () => undefined;
  expect(await one.registry.ask(REQUEST)).toEqual([null]);
});

it('ends its questions when Redis is away', async () => {
  const { url } = await startServer();
  const one = await join(url, 'one', { requestTimeoutMs: 1e6 });
  const other = await join(url, 'other');
  other.host.answer = () => new Promise(() => {});
  const asked = one.registry.ask(REQUEST);
  one.registry.goAway();
  expect(await asked).toEqual([]);
  one.link.close();
  expect(await one.registry.ask(REQUEST)).toEqual([]);
});

it('takes nothing that is not of a node', async () => {
  const { url } = await startServer();
  const { registry } = await join(url, 'one');
  for (const text of [
    '',
    '{',
    'null',
    '1',
    '[]',
    '"ask"',
    '{"kind":"ask"}',
    '{"kind":"answer","id":7,"from":"x","answer":1}',
  ])
    registry.receive(text);
  expect(await registry.live()).toEqual(new Set(['one']));
});
