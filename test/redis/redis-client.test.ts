import { Redis } from 'ioredis';
import { createClient } from 'redis';
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
