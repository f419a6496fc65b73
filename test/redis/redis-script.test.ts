import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import * as scripts from '../../src/redis/redis-script.ts';
import { openLink } from './open-link.ts';

it('are known to the server by their hashes', async () => {
  const { link } = await openLink();
  for (const { text, sha } of Object.values(scripts)) {
    expect(sha).toBe(createHash('sha1').update(text).digest('hex'));
    const load = { text: `return redis.sha1hex(ARGV[1])`, sha: '0'.repeat(40) };
    expect(await link.run(load, ['key'], [text])).toBe(sha);
  }
});

it('give a session to who claims it, and keep it from others', async () => {
  const { link } = await openLink();
  const run = (script: (typeof scripts)['SAVE_SESSION'], ...args: string[]) => link.run(script, ['s'], args);
  expect(await run(scripts.SAVE_SESSION, 'a', 'record', 'ann', '1000')).toBe(1);
  expect(await run(scripts.SAVE_SESSION, 'b', 'other', 'ann', '1000')).toBe(0);
  expect(await run(scripts.CLAIM_SESSION, 'b', 'ben', '1000')).toBeNull();
  expect(await run(scripts.CLAIM_SESSION, 'b', 'ann', '1000')).toEqual(['record', 'a']);
  expect(await run(scripts.END_SESSION, 'a', '0')).toBe(0);
  expect(await run(scripts.END_SESSION, 'b', '0')).toBe(1);
  expect(await run(scripts.CLAIM_SESSION, 'b', 'ann', '1000')).toBeNull();
});
