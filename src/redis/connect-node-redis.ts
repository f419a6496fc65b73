import { connectAll } from './connect-all.ts';
import type { Connect, ConnectionEvents, RedisConnection } from './redis-connection.ts';

/** What is used of a client of the package `redis`, versions 4 and later. */
interface NodeRedis {
  on(event: string, listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  /** Since version 5. */
  destroy?(): void;
  /** Until version 4. */
  disconnect?(): unknown;
}

interface NodeRedisClient extends NodeRedis {
  readonly options?: { readonly socket?: object };
  duplicate(overrides: object): NodeRedisClient;
  sendCommand(command: string[]): Promise<unknown>;
  subscribe(channels: string[], listener: Listener): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

interface NodeRedisCluster extends NodeRedis {
  duplicate(): NodeRedisCluster;
  sendCommand(key: string, isReadonly: boolean, command: string[]): Promise<unknown>;
  sSubscribe(channel: string, listener: Listener): Promise<unknown>;
  sUnsubscribe(channel: string): Promise<unknown>;
}

type Listener = (message: string, channel: string) => void;

/** Connects with the package `redis`, as `source` is set up; `source` itself is left alone. */
export function connectNodeRedis(source: unknown): Connect {
  return 'masters' in (source as object)
    ? (events) => connectCluster(source as NodeRedisCluster, events)
    : (events, timeoutMs) => connectClient(source as NodeRedisClient, events, timeoutMs);
}

async function connectClient(
  source: NodeRedisClient,
  events: ConnectionEvents,
  connectTimeout: number,
): Promise<RedisConnection> {
  const overrides = {
    socket: { ...source.options?.socket, connectTimeout, reconnectStrategy: false },
    disableOfflineQueue: true,
  };
  const commands = source.duplicate(overrides);
  const subscriber = source.duplicate(overrides);
  const listener: Listener = (message, channel) => events.onMessage(channel, message);
  const destroy = await connectAll([commands, subscriber], events, end);
  return {
    isSharded: false,
    send: (_key, command) => commands.sendCommand([...command]),
    subscribe: (channels) => subscriber.subscribe([...channels], listener),
    unsubscribe: (channel) => subscriber.unsubscribe(channel),
    destroy,
  };
}

/** A cluster's client has connections of its own for messages. */
async function connectCluster(source: NodeRedisCluster, events: ConnectionEvents): Promise<RedisConnection> {
  const cluster = source.duplicate();
  const listener: Listener = (message, channel) => events.onMessage(channel, message);
  const destroy = await connectAll([cluster], events, end);
  return {
    isSharded: true,
    send: (key, command) => cluster.sendCommand(key, false, [...command]),
    // Each channel may be with another server.
    subscribe: (channels) => Promise.all(channels.map((channel) => cluster.sSubscribe(channel, listener))),
    unsubscribe: (channel) => cluster.sUnsubscribe(channel),
    destroy,
  };
}

function end(client: NodeRedis): void {
  try {
    // Version 4 has a promise for it, which is of no interest.
    if (client.destroy) client.destroy();
    else Promise.resolve(client.disconnect?.()).catch(() => {});
  } catch {
    // It has ended already.
  }
}
