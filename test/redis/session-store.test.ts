import { expect, it } from 'vitest';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import type { RedisLink } from '../../src/redis/redis-link.ts';
import { SessionStore } from '../../src/redis/session-store.ts';
import { openLink } from './open-link.ts';

const AGE_MS = 10_000;
const RECORD = { socketId: 'socket', identity: 'ann', rooms: { '/#a': '1-0' } };
const keys = new RedisKeys('p');

async function setUp() {
  const opened = await openLink();
  const store = (node: string, ageMs = AGE_MS) => new SessionStore(opened.link, keys, node, ageMs);
  return { ...opened, store, one: store('one'), other: store('other') };
}

function lifeOf(link: RedisLink, key: string): Promise<unknown> {
  return link.run({ text: `return redis.call('PTTL', KEYS[1])`, sha: '0'.repeat(40) }, [key], []);
}

it('keeps a session longer while its client is there', async () => {
  const { link, one } = await setUp();
  await one.save('secret', RECORD);
  expect(await lifeOf(link, 'p:session:secret')).toBeGreaterThan(AGE_MS * 1.5);
  await one.release('secret');
  const left = (await lifeOf(link, 'p:session:secret')) as number;
  expect(left).toBeGreaterThan(AGE_MS / 2);
  expect(left).toBeLessThanOrEqual(AGE_MS);
  await one.drop('secret');
  expect(await lifeOf(link, 'p:session:secret')).toBe(-2);
});

it('tells who had a session', async () => {
  const { one, other } = await setUp();
  await one.save('secret', RECORD);
  expect(await one.claim('secret', 'ann')).toEqual({ record: RECORD, owner: undefined });
  expect(await other.claim('secret', 'ann')).toEqual({ record: RECORD, owner: 'one' });
});

it('writes what Redis has lost again, and leaves alone what is of others', async () => {
  const { link, one, other } = await setUp();
  for (const secret of ['held', 'released', 'taken']) await one.save(secret, RECORD);
  await one.release('released');
  await link.run({ text: `redis.call('FLUSHALL')`, sha: '0'.repeat(40) }, ['key'], []);
  await other.save('taken', { ...RECORD, socketId: 'newer' });
  await one.restore();
  expect(await other.claim('held', 'ann')).toEqual({ record: RECORD, owner: 'one' });
  expect(await other.claim('released', 'ann')).toEqual({ record: RECORD, owner: 'one' });
  expect((await one.claim('taken', 'ann'))?.record.socketId).toBe('newer');
});

it('lets clients go on with what it knows while Redis is away', async () => {
  const { server, one, other, told } = await setUp();
  await one.save('secret', RECORD);
  await one.saveAnswer('socket', 'key', '1');
  await server.kill();
  await told('down');
  expect(await one.claim('secret', 'ben')).toBeUndefined();
  expect(await one.claim('secret', 'ann')).toEqual({ record: RECORD, owner: undefined });
  expect(await other.claim('secret', 'ann')).toBeUndefined();
  await one.release('secret');
  expect(await one.claim('secret', 'ann')).toEqual({ record: RECORD, owner: undefined });
  await one.drop('secret');
  expect(await one.claim('secret', 'ann')).toBeUndefined();
  expect(await one.answerTo('socket', 'key')).toBe('1');
  expect(await other.answerTo('socket', 'key')).toBeUndefined();
});

it('keeps nothing while Redis is away that is over by then', async () => {
  const { server, link, store, told } = await setUp();
  const brief = store('one', -1);
  for (const secret of ['released', 'dropped']) await brief.save(secret, RECORD);
  await server.kill();
  await told('down');
  await brief.release('released');
  await brief.drop('dropped');
  expect(await brief.claim('released', 'ann')).toBeUndefined();
  await server.start();
  await told('up', 2);
  const commands: unknown[] = [];
  const { run } = link;
  link.run = (...args) => {
    commands.push(args);
    return run.apply(link, args);
  };
  await brief.restore();
  expect(commands).toEqual([]);
});

it.each([
  'null',
  '{',
  '7',
  '{}',
  '{"socketId":"s","identity":"ann","rooms":null}',
  '{"identity":"ann","rooms":{}}',
])('does not go on with what is no session: %j', async (text) => {
  const { link, one } = await setUp();
  const put = {
    text: `return redis.call('HSET', KEYS[1], 'node', 'x', 'identity', 'ann', 'record', ARGV[1])`,
    sha: '0'.repeat(40),
  };
  await link.run(put, [keys.session('secret')], [text]);
  expect(await one.claim('secret', 'ann')).toBeUndefined();
  await one.refresh();
});
