import { expect, it, onTestFinished } from 'vitest';
import { NodeRegistry } from '../../src/redis/node-registry.ts';
import { connectorTo } from '../../src/redis/redis-client.ts';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { RedisServer } from './redis-server.ts';

const TIMES = { heartbeatMs: 50, lifeMs: 10_000, requestTimeoutMs: 100, timeoutMs: 2_000 };

async function startServer() {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  return server;
}

async function join(url: string, nodeId: string, times: Partial<typeof TIMES> = {}) {
  const lags: number[] = [];
  let onLag = (): void => {};
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
  return { registry, link, host, beats, lags };
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
  for (const text of ['', '{', '{"kind":"answer","id":7,"from":"x","answer":1}']) registry.receive(text);
  expect(await registry.live()).toEqual(new Set(['one']));
});
