import { Cluster, Redis } from 'ioredis';
import { describe } from 'vitest';
import { connectIoRedis } from '../../src/redis/connect-ioredis.ts';
import { describeConnection } from './connections.ts';

describe('a connection by ioredis', () => {
  describeConnection((url) => connectIoRedis(new Redis(url, { lazyConnect: true })), false);
});

describe('a connection by ioredis to a cluster', () => {
  describeConnection((url) => connectIoRedis(new Cluster([url], { lazyConnect: true })), true);
});
