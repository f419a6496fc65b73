import { expect, it } from 'vitest';
import { currentUrl, keyOf } from '../../src/react/hook-url.ts';

it('has a key that stays the same for functions', () => {
  const urls = [null, undefined, 'ws://a', new URL('ws://a/'), () => 'ws://b', () => 'ws://c'];
  expect(urls.map(keyOf)).toEqual([null, null, 'ws://a', 'ws://a/', '', '']);
});

it('is what it is now', async () => {
  expect(currentUrl('ws://a')).toBe('ws://a');
  expect(await currentUrl(async () => 'ws://b')).toBe('ws://b');
  expect(() => currentUrl(null)).toThrow(TypeError);
});
