import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import type { RedisLink } from '../../src/redis/redis-link.ts';
import { END_SESSION, type RedisScript } from '../../src/redis/redis-script.ts';
import { SessionStore } from '../../src/redis/session-store.ts';

const AGE_MS = 10_000;
const RECORD = { socketId: 'socket', identity: 'ann', rooms: {} };

/** A store whose Redis is away until it is told otherwise, and what that is told then. */
function setUp() {
  const ended: string[] = [];
  let isUp = false;
  const link = {
    whenUp: async () => {},
    run: async (script: RedisScript, [key]: string[]) => {
      if (!isUp) throw new Error('Redis is out of reach');
      if (script === END_SESSION) ended.push(key!);
      return 1;
    },
  };
  const store = new SessionStore(link as unknown as RedisLink, new RedisKeys('p'), 'node', AGE_MS);
  const comeBack = async (): Promise<string[]> => {
    isUp = true;
    await store.restore();
    return ended;
  };
  return { store, comeBack };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

it('remembers what is over no longer than that lives in Redis', async () => {
  const { store, comeBack } = setUp();
  for (const secret of ['a', 'b']) await store.drop(secret);
  vi.advanceTimersByTime(AGE_MS * 2 + 1);
  await store.drop('c');
  expect(await comeBack()).toEqual(['p:session:c']);
});

it('tells Redis of all that is over by then', async () => {
  const { store, comeBack } = setUp();
  for (const secret of ['a', 'b']) await store.drop(secret);
  vi.advanceTimersByTime(AGE_MS * 2);
  expect(await comeBack()).toEqual(['p:session:a', 'p:session:b']);
});

it('remembers whose client is gone no longer than that may come back', async () => {
  const { store } = setUp();
  for (const secret of ['a', 'b']) {
    await store.save(secret, RECORD);
    await store.release(secret);
  }
  vi.advanceTimersByTime(AGE_MS);
  expect(await store.claim('a', 'ann')).toEqual({ record: RECORD, owner: undefined });
  vi.advanceTimersByTime(1);
  expect(await store.claim('b', 'ann')).toBeUndefined();
});
