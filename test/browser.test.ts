import { expect, it } from 'vitest';
import notInBrowsers from '../src/browser.ts';

it('says what to do in place of it, called or constructed', () => {
  const message = 'hawser does not work in the browser. Browser clients must use the native WebSocket object';
  expect(() => notInBrowsers()).toThrow(message);
  expect(() => Reflect.construct(notInBrowsers, ['ws://localhost'])).toThrow(message);
});
