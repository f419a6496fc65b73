import { Redis } from 'ioredis';
import { createClient, createSentinel } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import { connectorTo, type RedisSource } from '../../src/redis/redis-client.ts';
import { RedisServer } from './redis-server.ts';

it.each<[string, (url: string) => RedisSource]>([
  ['an URL', (url) => ({ url })],
  ['a client of redis', (url) => ({ client: createClient({ url }) })],
  ['a client of ioredis', (url) => ({ client: new Redis(url, { lazyConnect: true }) })],
])('connects to %s', async (_, sourceOf) => {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  const source = sourceOf(server.url);
  const connect = await connectorTo(source);
  const connection = await connect({ onMessage: () => {}, onLost: () => {} }, 2_000);
  expect(await connection.send('a', ['PING'])).toBe('PONG');
  connection.destroy();
});

it.each([
  [
    'redis',
    async (url: string) => {
      const client = await createClient({ url }).connect();
      return { client, ping: () => client.ping(), end: () => client.destroy() };
    },
  ],
  [
    'ioredis',
    async (url: string) => {
      const client = new Redis(url);
      return { client, ping: () => client.ping(), end: () => client.disconnect() };
    },
  ],
])('leaves a connected client of %s alone', async (_, open) => {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  const { client, ping, end } = await open(server.url);
  onTestFinished(end);
  const connection = await (await connectorTo({ client }))({ onMessage: () => {}, onLost: () => {} }, 2_000);
  await connection.subscribe(['channel']);
  connection.destroy();
  expect(await ping()).toBe('PONG');
});

it('takes no sentinel of redis, and says what to use', async () => {
  const client = createSentinel({ name: 'master', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] });
  await expect(connectorTo({ client })).rejects.toThrow(/ioredis/);
});
