/** The adapter that joins hubs on several machines, over Redis. @module */

export type { BacklogLimits } from './backlog.ts';
export { type RedisAdapterOptions, redisAdapter } from './redis-adapter.ts';
export type { RedisClient, RedisSource } from './redis-client.ts';
