import { connectIoRedis } from './connect-ioredis.ts';
import { connectNodeRedis } from './connect-node-redis.ts';
import type { Connect } from './redis-connection.ts';

/** A client, or a cluster's client, of the package `redis` (version 4 or later). */
interface NodeRedisLike {
  duplicate(...args: never[]): unknown;
  sendCommand(...args: never[]): unknown;
  connect(): Promise<unknown>;
  sSubscribe(...args: never[]): unknown;
}

/** A `Redis` or `Cluster` of the package `ioredis` (version 5 or later). */
interface IoRedisLike {
  duplicate(...args: never[]): unknown;
  call(...args: never[]): unknown;
  ssubscribe(...args: never[]): unknown;
}

export type RedisClient = NodeRedisLike | IoRedisLike;

/** Which Redis: an URL, for whichever of the packages `redis` and `ioredis` is there, or a client of one of them. */
export type RedisSource =
  | { readonly url: string; readonly client?: undefined }
  | {
      /** Its settings are used for connections of the adapter's own; itself it is left alone, connected or not. */
      readonly client: RedisClient;
      readonly url?: undefined;
    };

/**
 * Returns what connects to a Redis. Rejects when an URL is given and neither package is there, and with a TypeError when the
 * client is none that can be used.
 */
export async function connectorTo({ url, client }: RedisSource): Promise<Connect> {
  return connectLike(client ?? (await createClient(url)));
}

function connectLike(client: RedisClient): Connect {
  if ('acquire' in client) {
    throw new TypeError(
      'createSentinel() of "redis" has no connection of its own: use new Redis({ sentinels }) of "ioredis"',
    );
  }
  return 'call' in client ? connectIoRedis(client) : connectNodeRedis(client);
}

/** Makes a client that is never connected itself. */
async function createClient(url: string): Promise<RedisClient> {
  const nodeRedis = await importIfThere<{ createClient(options: object): RedisClient }>('redis');
  if (nodeRedis !== undefined) return nodeRedis.createClient({ url });
  const ioRedis = await importIfThere<{ Redis: new (url: string, options: object) => RedisClient }>(
    'ioredis',
  );
  if (ioRedis !== undefined) return new ioRedis.Redis(url, { lazyConnect: true });
  throw new Error('redisAdapter({ url }) needs the package "redis" or "ioredis": npm install redis');
}

async function importIfThere<Module>(name: 'redis' | 'ioredis'): Promise<Module | undefined> {
  try {
    return (await (name === 'redis' ? import('redis') : import('ioredis'))) as unknown as Module;
  } catch (error) {
    if (/^(ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/.test((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined;
    }
    throw error;
  }
}
