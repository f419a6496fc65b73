import { describe, expect, it, onTestFinished } from 'vitest';
import { baseUrl, environmentOrigin, prohibitsInsecure } from '../../src/web/environment.ts';

function setLocation(location: unknown): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'location');
  Object.defineProperty(globalThis, 'location', { value: location, configurable: true });
  onTestFinished(() => {
    if (before) Object.defineProperty(globalThis, 'location', before);
    else delete (globalThis as { location?: unknown }).location;
  });
}

describe('the environment', () => {
  it('says nothing where there is no location', () => {
    setLocation(undefined);
    expect([baseUrl(), environmentOrigin()]).toEqual([undefined, undefined]);
  });

  it('is where the location says', () => {
    setLocation(new URL('https://a.example/b?c'));
    expect([baseUrl(), environmentOrigin()]).toEqual(['https://a.example/b?c', 'https://a.example']);
  });

  it.each([
    ['https:', 'ws://a.example', true],
    ['https:', 'ws://localhost.example', true],
    ['https:', 'wss://a.example', false],
    ['https:', 'ws://localhost', false],
    ['https:', 'ws://a.localhost:1', false],
    ['https:', 'ws://127.1.2.3', false],
    ['https:', 'ws://[::1]', false],
    ['http:', 'ws://a.example', false],
  ])('on a page of %s prohibits %s: %s', (protocol, url, prohibited) => {
    setLocation({ protocol });
    expect(prohibitsInsecure(new URL(url))).toBe(prohibited);
  });

  it('prohibits nothing where there is no location', () => {
    setLocation(undefined);
    expect(prohibitsInsecure(new URL('ws://a.example'))).toBe(false);
  });

  it('says nothing where the location is something else', () => {
    setLocation({ href: 5, origin: null });
    expect([baseUrl(), environmentOrigin()]).toEqual([undefined, undefined]);
  });
});
