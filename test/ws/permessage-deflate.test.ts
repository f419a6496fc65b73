import { expect, it, onTestFinished } from 'vitest';
import { PerMessageDeflate, type PerMessageDeflateOptions } from '../../src/ws/permessage-deflate.ts';
import { compress, decompress } from '../compat/exported-classes.ts';

// What ws does too is in test/compat/exported-permessage-deflate.test.ts, for both.

function accepted(options: PerMessageDeflateOptions = {}, parameters = {}): PerMessageDeflate {
  const deflate = new PerMessageDeflate(options);
  onTestFinished(() => deflate.cleanup());
  deflate.accept([parameters]);
  return deflate;
}

// The first limit of a process counts, so this comes first.
it('has no limit of calls to zlib with a concurrencyLimit of 0', async () => {
  const deflate = accepted({ concurrencyLimit: 0 });
  expect(String(await decompress(deflate, await compress(deflate, 'text')))).toBe('text');
});

it('ends all that waits with an error when it is cleaned up, in order, and can go on', async () => {
  const deflate = accepted();
  const told: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    deflate.compress(Buffer.alloc(100_000), true, (error) => told.push(`${name}: ${error?.message}`));
  }
  deflate.cleanup();
  const message = 'The deflate stream was closed while data was being processed';
  expect(told).toEqual([`first: ${message}`, `second: ${message}`, `third: ${message}`]);
  expect(String(await decompress(deflate, await compress(deflate, 'again')))).toBe('again');
});

it('goes on when a callback throws', async () => {
  const deflate = accepted();
  deflate.compress(Buffer.alloc(100_000), true, () => {
    throw new Error('from the callback');
  });
  const next = compress(deflate, 'next');
  expect(() => deflate.cleanup()).toThrow('from the callback');
  await expect(next).rejects.toThrow('closed');
  expect(String(await decompress(deflate, await compress(deflate, 'again')))).toBe('again');
});

it('can be used again after it was called too early', async () => {
  const deflate = new PerMessageDeflate();
  expect(() => deflate.decompress(Buffer.alloc(1), true, () => {})).toThrow(TypeError);
  deflate.accept([{}]);
  expect(String(await decompress(deflate, await compress(deflate, 'late')))).toBe('late');
  deflate.cleanup();
});

it('finds a message worthwhile by the threshold when it keeps no context', () => {
  expect(accepted({ threshold: 5 }).worthwhile(0)).toBe(true);
  const without = accepted({ threshold: 5 }, { client_no_context_takeover: [true] });
  expect([without.worthwhile(4), without.worthwhile(5)]).toEqual([false, true]);
});
