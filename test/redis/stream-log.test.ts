import { describe, expect, it } from 'vitest';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import { LOST, readPublished, StreamLog } from '../../src/redis/stream-log.ts';
import { openLink } from './open-link.ts';

async function setUp(history = { count: 1_000, ageMs: 60_000 }) {
  const { link, messages, told } = await openLink();
  const keys = new RedisKeys('p');
  const log = new StreamLog(link, keys, 'node', history);
  const other = new StreamLog(link, keys, 'other', history);
  return { link, keys, messages, told, log, other };
}

const numbered = (...numbers: number[]) => numbers.map((number) => ({ number, text: `m${number}` }));

describe('a log in Redis', () => {
  it('has each message once, with the place of the one before', async () => {
    const { log, other } = await setUp();
    const start = await log.head('r');
    await log.append('r', numbered(1, 2), start);
    await other.append('r', numbered(1), start);
    await log.append('r', numbered(2, 3), start);
    const { head, entries, complete } = await log.after('r', start);
    expect(entries.map(({ node, text }) => `${node} ${text}`)).toEqual([
      'node m1',
      'node m2',
      'other m1',
      'node m3',
    ]);
    expect(entries.map(({ previous }) => previous)).toEqual([
      start,
      ...entries.slice(0, -1).map(({ offset }) => offset),
    ]);
    expect([head, complete]).toEqual([entries[3]!.offset, true]);
    expect(await log.head('r')).toBe(head);
  });

  it('takes no message that comes behind a later one of its node', async () => {
    const { log } = await setUp();
    const start = await log.head('r');
    await log.append('r', numbered(5), start);
    await log.append('r', numbered(4), start);
    expect((await log.after('r', start)).entries).toHaveLength(1);
  });

  it('is marked once behind what a node has sent, whoever does it, and takes what that sends all the same', async () => {
    const { log, other } = await setUp();
    const start = await log.head('r');
    const markByAll = () => Promise.all([log, other].map((each) => each.markLost('r', 'node', start)));
    await markByAll();
    await log.append('r', numbered(1, 2), start);
    await markByAll();
    await markByAll();
    // What has been there already changes nothing of it.
    await log.append('r', numbered(2), start);
    await markByAll();
    await log.append('r', numbered(3), start);
    const { entries, complete } = await log.after('r', start);
    expect(entries.map(({ node, text }) => [node, text])).toEqual(
      [LOST, 'm1', 'm2', LOST, 'm3'].map((text) => ['node', text]),
    );
    expect(complete).toBe(true);
  });

  it('publishes what it takes', async () => {
    const { log, link, keys, messages, told } = await setUp();
    await link.subscribe([keys.room('r').channel]);
    const start = await log.head('r');
    await log.append('r', [{ number: 1, text: 'a\nb' }], start);
    await log.append('r', [{ number: 1, text: 'a\nb' }], start);
    await log.publish('r', 'volatile');
    await told('message', 2);
    const { entries } = await log.after('r', start);
    expect(messages.map(({ message }) => readPublished(message))).toEqual([
      entries[0],
      { offset: undefined, node: 'node', text: 'volatile' },
    ]);
  });

  it('begins at a place that no log before it had', async () => {
    const { log, link, keys } = await setUp();
    const [one, other] = [await log.head('r'), await log.head('s')];
    expect(one).not.toBe(other);
    const { head, log: stream } = keys.room('r');
    await link.run({ text: `redis.call('DEL', unpack(KEYS))`, sha: '0'.repeat(40) }, [head, stream], []);
    expect(await log.head('r')).not.toBe(one);
    expect(await log.after('r', one)).toMatchObject({ entries: [], complete: false });
  });

  it('goes on behind what a node knows, whatever the clock says', async () => {
    const { log } = await setUp();
    await log.append('r', numbered(1), '99999999999999-7');
    await log.append('r', numbered(2), '0-0');
    const { entries } = await log.after('r', '0-0');
    expect(entries.map(({ offset }) => offset)).toEqual(['99999999999999-0', '99999999999999-1']);
  });

  it('lives for a time, and what is too old or too much goes before', async () => {
    const { log, link, keys } = await setUp({ count: 10, ageMs: 1_000 });
    const many = numbered(...Array.from({ length: 500 }, (_, i) => i + 1));
    await log.append('r', many, '0-0');
    expect((await log.after('r', '0-0')).entries.length).toBeLessThan(200);
    const { log: stream, head } = keys.room('r');
    const ttl = {
      text: `return { redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2]) }`,
      sha: '0'.repeat(40),
    };
    for (const left of (await link.run(ttl, [stream, head], [])) as number[]) {
      expect(left).toBeGreaterThan(log.lifeMs / 2);
      expect(left).toBeLessThanOrEqual(log.lifeMs);
    }
  });
});

describe('what is published', () => {
  it.each(['', 'x', '\n', '1-0 0-0\ntext', 'a 0-0 node\ntext', '1-0 b node\ntext'])('is not %j', (text) => {
    expect(readPublished(text)).toBeUndefined();
  });

  it('has a text, or stands for what was lost', () => {
    expect(readPublished('2-0 1-0 node\n')).toEqual({
      offset: '2-0',
      previous: '1-0',
      node: 'node',
      text: LOST,
    });
  });
});
