import { Cluster, Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { connectIoRedis } from '../../src/redis/connect-ioredis.ts';
import { describeConnection } from './connections.ts';

describe('a connection by ioredis', () => {
  describeConnection((url) => connectIoRedis(new Redis(url, { lazyConnect: true })), false);
});

describe('a connection by ioredis to a cluster', () => {
  describeConnection((url) => connectIoRedis(new Cluster([url], { lazyConnect: true })), true);
});

it('makes no attempts of its own when no sentinel can be reached', async () => {
  const sentinels = [{ host: '127.0.0.1', port: 1 }];
  const connect = connectIoRedis(new Redis({ sentinels, name: 'master', lazyConnect: true }));
  await expect(connect({ onMessage: () => {}, onLost: () => {} }, 2_000)).rejects.toThrow(
    /sentinels are unreachable/,
  );
});
