import { expect, it } from 'vitest';
import { Deferred } from '../../src/api/deferred.ts';

it('is settled from outside, once', async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  deferred.reject(new Error('too late'));
  expect(await deferred.promise).toBe(1);
});

it('may be rejected with nobody there', async () => {
  const deferred = new Deferred<number>();
  deferred.reject(new Error('unheard'));
  await new Promise((resolve) => setImmediate(resolve));
  await expect(deferred.promise).rejects.toThrow('unheard');
});
