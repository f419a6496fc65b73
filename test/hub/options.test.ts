import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../src/hub/index.ts';
import { DEFAULT_HISTORY, DEFAULT_LIMITS, type HubLimits, type HubOptions } from '../../src/hub/options.ts';
import { HubCloseCode } from '../../src/wire/index.ts';
import { refusalOf } from './refusal-of.ts';
import { serveHub } from './served-hub.ts';
import { WireClient } from './wire-client.ts';

it('has a limit for everything: none is endless, or nothing at all', () => {
  const numbers = [...Object.values(DEFAULT_LIMITS), ...Object.values(DEFAULT_HISTORY)].flatMap((limit) =>
    typeof limit === 'number' ? limit : [limit.perSecond, limit.burst],
  );
  expect(numbers).toHaveLength(19);
  for (const number of numbers) {
    expect(Number.isFinite(number)).toBe(true);
    expect(number).toBeGreaterThan(0);
  }
});

it('lets the longest message through, and wait', () => {
  expect(DEFAULT_LIMITS.bytes.burst).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
  expect(DEFAULT_LIMITS.bufferedBytes).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
  expect(DEFAULT_HISTORY.bytes).toBeGreaterThanOrEqual(DEFAULT_LIMITS.messageBytes);
});

/** How a limit is hit. */
interface Hit<Limit> {
  readonly limit: Limit;
  /** Does as much as may be done, and one more; returns what became of that. */
  hit(url: string, hub: Hub): Promise<unknown>;
  readonly outcome: unknown;
}

/** Each limit has one, by its type. */
const HITS: { readonly [Name in keyof HubLimits]: Hit<HubLimits[Name]> } = {
  connections: {
    limit: 1,
    hit: async (url) => {
      await WireClient.plain(url);
      return (await refusalOf(url)).status;
    },
    outcome: 503,
  },
  connectionsPerAddress: {
    limit: 1,
    hit: async (url) => {
      await WireClient.plain(url);
      return (await refusalOf(url)).status;
    },
    outcome: 429,
  },
  handshakesPerAddress: {
    limit: { perSecond: 0, burst: 1 },
    hit: async (url) => {
      await (await WireClient.plain(url)).close();
      return (await refusalOf(url)).status;
    },
    outcome: 429,
  },
  messages: {
    limit: { perSecond: 0, burst: 3 },
    hit: async (url) => {
      const client = await WireClient.plain(url);
      for (let i = 1; i <= 3; i++) await client.request('echo');
      client.send({ type: 'echo' });
      return client.closed();
    },
    outcome: HubCloseCode.RATE_LIMITED.code,
  },
  bytes: {
    limit: { perSecond: 0, burst: 100 },
    hit: async (url) => {
      const client = await WireClient.plain(url);
      await client.request('echo');
      client.send({ type: 'echo', data: 'x'.repeat(100) });
      return client.closed();
    },
    outcome: HubCloseCode.RATE_LIMITED.code,
  },
  badMessages: {
    limit: { perSecond: 0, burst: 1 },
    hit: async (url) => {
      const client = await WireClient.plain(url);
      client.ws.send('{');
      await client.settle();
      client.ws.send('{');
      return client.closed();
    },
    outcome: HubCloseCode.BAD_MESSAGES.code,
  },
  roomsPerSocket: {
    limit: 2,
    hit: async (url) => {
      const client = await WireClient.plain(url);
      for (const room of ['a', 'b', 'a']) await client.request('$join', { room });
      return codeOf(client.request('$join', { room: 'c' }));
    },
    outcome: 'TOO_MANY_ROOMS',
  },
  pendingRequests: {
    limit: 1,
    hit: async (url, hub) => {
      let finish = (): void => {};
      hub.on('wait', () => new Promise<void>((resolve) => (finish = resolve)));
      const client = await WireClient.plain(url);
      const first = client.request('wait');
      const code = await codeOf(client.request('wait'));
      finish();
      await first;
      return code;
    },
    outcome: 'TOO_MANY_PENDING',
  },
  jsonDepth: {
    limit: 3,
    hit: async (url) => {
      const client = await WireClient.plain(url);
      expect(await client.request('echo', [[1]])).toEqual([[1]]);
      // It is not read, so that nobody knows what it asked for.
      client.send({ type: 'echo', data: [[[1]]] });
      return ((await client.next('$error')).data as { code: string }).code;
    },
    outcome: 'TOO_DEEP',
  },
  messageBytes: {
    limit: 100,
    hit: async (url) => {
      const client = await WireClient.plain(url);
      client.ws.send(JSON.stringify({ type: 'echo' }).padEnd(100));
      await client.settle();
      client.ws.send(JSON.stringify({ type: 'echo' }).padEnd(101));
      return client.closed();
    },
    outcome: 1009,
  },
  bufferedBytes: {
    limit: 1024 * 1024,
    hit: async (url, hub) => {
      const client = await WireClient.plain(url);
      await client.settle();
      client.ws.pause();
      const [socket] = hub.sockets.values();
      while (socket!.connected) {
        void hub.emit('much', 'x'.repeat(1024 * 256));
        await setImmediate();
      }
      client.ws.resume();
      return client.closed();
    },
    outcome: 1013,
  },
  helloTimeoutMs: {
    limit: 50,
    hit: async (url) => (await WireClient.silent(url)).closed(),
    outcome: HubCloseCode.TIMEOUT.code,
  },
};

describe('the limit of', () => {
  it.each(Object.entries(HITS))('%s can be hit', async (name, { limit, hit, outcome }) => {
    const options: HubOptions<unknown> = { limits: { [name]: limit }, authorizeJoin: () => true };
    const { hub, url } = await serveHub(options);
    hub.on('echo', (data) => data);
    expect(await hit(url, hub)).toEqual(outcome);
  });
});

async function codeOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );
}
