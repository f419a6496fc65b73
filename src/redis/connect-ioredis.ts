import { connectAll } from './connect-all.ts';
import type { Connect, ConnectionEvents, RedisConnection } from './redis-connection.ts';

/** What is used of a client of the package `ioredis`, of one server or a cluster. */
interface IoRedis {
  readonly isCluster?: boolean;
  on(event: string, listener: (...args: never[]) => void): unknown;
  connect(): Promise<unknown>;
  disconnect(): void;
  duplicate(...overrides: unknown[]): IoRedis;
  call(command: string, ...args: string[]): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  ssubscribe(channel: string): Promise<unknown>;
  sunsubscribe(channel: string): Promise<unknown>;
}

/** Connects with the package `ioredis`, as `source` is set up; `source` itself is left alone. */
export function connectIoRedis(source: unknown): Connect {
  return (source as IoRedis).isCluster
    ? (events) => connectCluster(source as IoRedis, events)
    : (events, timeoutMs) => connectClient(source as IoRedis, events, timeoutMs);
}

async function connectClient(
  source: IoRedis,
  events: ConnectionEvents,
  connectTimeout: number,
): Promise<RedisConnection> {
  const overrides = {
    connectTimeout,
    lazyConnect: true,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
  };
  const commands = source.duplicate(overrides);
  const subscriber = source.duplicate(overrides);
  subscriber.on('message', (channel: string, message: string) => events.onMessage(channel, message));
  const destroy = await connectAll([commands, subscriber], events, end);
  return {
    isSharded: false,
    send: (_key, [name, ...args]) => commands.call(name!, ...args),
    subscribe: (channels) => subscriber.subscribe(...channels),
    unsubscribe: (channel) => subscriber.unsubscribe(channel),
    destroy,
  };
}

/** A cluster's client has connections of its own for messages. */
async function connectCluster(source: IoRedis, events: ConnectionEvents): Promise<RedisConnection> {
  const cluster = source.duplicate([], {
    lazyConnect: true,
    shardedSubscribers: true,
    clusterRetryStrategy: () => null,
  });
  cluster.on('smessage', (channel: string, message: string) => events.onMessage(channel, message));
  const destroy = await connectAll([cluster], events, end);
  return {
    isSharded: true,
    send: (_key, [name, ...args]) => cluster.call(name!, ...args),
    // Each channel may be with another server.
    subscribe: (channels) => Promise.all(channels.map((channel) => cluster.ssubscribe(channel))),
    unsubscribe: (channel) => cluster.sunsubscribe(channel),
    destroy,
  };
}

function end(client: IoRedis): void {
  client.disconnect();
}
