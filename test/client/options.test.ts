import { expect, it } from 'vitest';
import { readOptions } from '../../src/client/options.ts';

it('has the defaults that docs/client.md lists', () => {
  expect(readOptions({})).toEqual({
    minDelayMs: 1000,
    maxDelayMs: 30_000,
    delayFactor: 2,
    maxRetries: 10,
    stableAfterMs: 5000,
    connectTimeoutMs: 10_000,
    queue: { maxMessages: 250, maxBytes: 1024 * 1024, overflow: 'reject' },
  });
});

it('takes the names of reconnecting-websocket and partysocket', () => {
  const shouldReconnectOnClose = () => true;
  expect(
    readOptions({
      minReconnectionDelay: 1,
      maxReconnectionDelay: 2,
      reconnectionDelayGrowFactor: 3,
      minUptime: 4,
      connectionTimeout: 5,
      maxEnqueuedMessages: 6,
      maxRetries: 7,
      shouldReconnectOnClose,
    }),
  ).toMatchObject({
    minDelayMs: 1,
    maxDelayMs: 2,
    delayFactor: 3,
    stableAfterMs: 4,
    connectTimeoutMs: 5,
    queue: { maxMessages: 6 },
    maxRetries: 7,
    shouldReconnect: shouldReconnectOnClose,
  });
});

it('prefers its own names', () => {
  expect(readOptions({ minDelayMs: 0, minReconnectionDelay: 5 }).minDelayMs).toBe(0);
});
