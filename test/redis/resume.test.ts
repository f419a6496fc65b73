import { expect, it, onTestFinished } from 'vitest';
import { redisAdapter } from '../../src/redis/redis-adapter.ts';
import { serveHub } from '../hub/served-hub.ts';
import { WireClient } from '../hub/wire-client.ts';
import { RedisServer } from './redis-server.ts';

const LAST = 2n ** 64n - 1n;

async function setUp() {
  const server = await RedisServer.start();
  onTestFinished(() => server.stop());
  const served = await serveHub({ authorizeJoin: () => true, adapter: redisAdapter({ url: server.url }) });
  const outages: unknown[] = [];
  served.hub.events.on('cluster', (report) => {
    if (report.kind === 'unreachable') outages.push(report.error);
  });
  const { client, welcome } = await WireClient.hello(served.url);
  await client.request('$join', { room: 'r' });
  client.ws.terminate();
  return { ...served, session: welcome.session, outages, redisUrl: server.url };
}

it('a client that is away is taken out of a room by another node', async () => {
  const { hub, url, session, redisUrl } = await setUp();
  const other = await serveHub({ adapter: redisAdapter({ url: redisUrl }) });
  await other.hub.in('r').leave();
  const { client, welcome } = await WireClient.hello(url, { session });
  expect(Object.keys(welcome.rooms!)).toEqual(['$all']);
  expect(await hub.in('r').ids()).toEqual([]);
  await client.request('$join', { room: 'r' });
  client.ws.terminate();
  expect(Object.keys((await WireClient.hello(url, { session })).welcome.rooms!)).toEqual(['$all', 'r']);
});

it.each([`${LAST}-${LAST}`, `${LAST}-0`, `0-${LAST}`, '00000000000000000001-00000000000000000001'])(
  'a client that comes back with the place %s costs nobody the connection to Redis',
  async (place) => {
    const { url, session, outages } = await setUp();
    const { client, welcome } = await WireClient.hello(url, { session, rooms: { r: place } });
    expect(welcome).toMatchObject({ resumed: true });
    await client.settle();
    expect(outages).toEqual([]);
  },
);

it.each([`${LAST + 1n}-0`, `0-${LAST + 1n}`])(
  'a client that comes back with %s, which is no place, is refused',
  async (place) => {
    const { url, session, outages } = await setUp();
    const client = await WireClient.silent(url);
    const hello = { session, rooms: { r: place } };
    await expect(client.request('$hello', hello)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    expect(outages).toEqual([]);
  },
);
