import { createClient, createCluster } from 'redis';
import { describe } from 'vitest';
import { connectNodeRedis } from '../../src/redis/connect-node-redis.ts';
import { describeConnection } from './connections.ts';

describe('a connection by redis', () => {
  describeConnection((url) => connectNodeRedis(createClient({ url })), false);
});

describe('a connection by redis to a cluster', () => {
  describeConnection((url) => connectNodeRedis(createCluster({ rootNodes: [{ url }] })), true);
});
