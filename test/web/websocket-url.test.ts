import { describe, expect, it } from 'vitest';
import { authorizationOf, parseWebSocketUrl, portOf } from '../../src/web/websocket-url.ts';

describe('parseWebSocketUrl', () => {
  it.each([
    ['ws://a', 'ws://a/'],
    ['WSS://A/b?c', 'wss://a/b?c'],
    ['http://a:80/', 'ws://a/'],
    ['https://a:443/', 'wss://a/'],
    ['https://a:80/', 'wss://a:80/'],
    ['ws:a', 'ws://a/'],
    ['ws://a/%23?%23', 'ws://a/%23?%23'],
    [' ws://a\n', 'ws://a/'],
  ])('reads %o', (text, href) => {
    expect(parseWebSocketUrl(text, undefined).href).toBe(href);
  });

  it.each([
    ['/b', 'https://a/c/d', 'wss://a/b'],
    ['b?x', 'http://a/c/d', 'ws://a/c/b?x'],
    ['', 'http://a/c#d', 'ws://a/c'],
    ['wss://b', 'http://a', 'wss://b/'],
  ])('resolves %o against %o', (text, base, href) => {
    expect(parseWebSocketUrl(text, base).href).toBe(href);
  });

  it.each(['', '/b', 'ws://', 'ws://a b', 'ws://a/#', 'ws://a/#b', 'ftp://a', 'mailto:a', 'about:blank'])(
    'refuses %o',
    (text) => {
      let error: unknown;
      try {
        parseWebSocketUrl(text, undefined);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(DOMException);
      expect((error as DOMException).name).toBe('SyntaxError');
    },
  );
});

describe('portOf', () => {
  it.each([
    ['ws://a', 80],
    ['wss://a', 443],
    ['ws://a:443', 443],
    ['wss://a:0', 0],
  ])('of %s is %i', (text, port) => {
    expect(portOf(new URL(text))).toBe(port);
  });
});

describe('authorizationOf', () => {
  it.each([
    ['ws://a', undefined],
    ['ws://u:p@a', 'u:p'],
    ['ws://u@a', 'u:'],
    ['ws://:p@a', ':p'],
    ['ws://%C3%A4:%25@a', 'ä:%'],
    ['ws://ä:%zz@a', 'ä:%zz'],
  ])('of %s stands for %o', (text, credentials) => {
    const header = authorizationOf(new URL(text));
    const decoded = header && Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
    expect(decoded).toBe(credentials);
  });
});
