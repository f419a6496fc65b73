import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { afterAll, beforeAll } from 'vitest';
import { redisAdapter } from '../../src/redis/redis-adapter.ts';
import { describeAdapter } from '../hub/adapter-contract.ts';
import { RedisServer } from './redis-server.ts';

let server: RedisServer;
let cluster: RedisServer;
beforeAll(async () => {
  [server, cluster] = await Promise.all([RedisServer.start(), RedisServer.startCluster()]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

const TIMES = { requestTimeoutMs: 200 };

describeAdapter('redisAdapter with a url', {
  spansNodes: true,
  create: (prefix) => redisAdapter({ url: server.url, prefix, ...TIMES }),
});

describeAdapter('redisAdapter with redis', {
  spansNodes: true,
  create: (prefix) => redisAdapter({ client: createClient({ url: server.url }), prefix, ...TIMES }),
});

describeAdapter('redisAdapter with ioredis', {
  spansNodes: true,
  create: (prefix) => {
    return redisAdapter({ client: new Redis(server.url, { lazyConnect: true }), prefix, ...TIMES });
  },
});

describeAdapter('redisAdapter with redis and a cluster', {
  spansNodes: true,
  create: (prefix) => {
    const client = createCluster({ rootNodes: [{ url: cluster.url }] });
    return redisAdapter({ client, prefix, ...TIMES });
  },
});

describeAdapter('redisAdapter with ioredis and a cluster', {
  spansNodes: true,
  create: (prefix) => {
    const client = new Cluster([cluster.url], { lazyConnect: true });
    return redisAdapter({ client, prefix, ...TIMES });
  },
});
