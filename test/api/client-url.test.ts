import { describe, expect, it } from 'vitest';
import { authorization, parseAddress } from '../../src/api/client-url.ts';

describe('parseAddress', () => {
  it.each([
    ['ws://example.com', 'ws://example.com/', false, 'example.com', 80, '/', 'example.com'],
    [
      'ws://example.com:8080/a?b=c',
      'ws://example.com:8080/a?b=c',
      false,
      'example.com',
      '8080',
      '/a?b=c',
      'example.com:8080',
    ],
    ['wss://example.com', 'wss://example.com/', true, 'example.com', 443, '/', 'example.com'],
    ['wss://localhost:443/', 'wss://localhost/', true, 'localhost', 443, '/', 'localhost'],
    ['http://localhost/x', 'ws://localhost/x', false, 'localhost', 80, '/x', 'localhost'],
    ['https://localhost', 'wss://localhost/', true, 'localhost', 443, '/', 'localhost'],
    ['ws://[::1]:81', 'ws://[::1]:81/', false, '::1', '81', '/', '[::1]:81'],
    ['WS://EXAMPLE.com/Ä', 'ws://example.com/%C3%84', false, 'example.com', 80, '/%C3%84', 'example.com'],
  ])('reads %s', (address, href, secure, host, port, target, hostHeader) => {
    const destination = parseAddress(address);
    expect(destination.url.href).toBe(href);
    expect(destination).toMatchObject({ secure, host, port, target, hostHeader, socketPath: undefined });
  });

  it.each([
    ['ws+unix:/tmp/a.sock:/path?q=1', '/tmp/a.sock', '/path?q=1'],
    ['ws+unix:/tmp/a.sock', '/tmp/a.sock', '/'],
    ['ws+unix:/tmp/a.sock:', '/tmp/a.sock', '/'],
    // As `ws` has it: what stands before the first colon is the socket, a question mark too.
    ['ws+unix:/tmp/a.sock?a:/b', '/tmp/a.sock?a', '/b'],
    ['ws+unix:/tmp/a.sock:/b:c', '/tmp/a.sock', '/b:c'],
  ])('reads %s', (address, socketPath, target) => {
    const destination = parseAddress(address);
    expect(destination).toMatchObject({ secure: false, socketPath, target, hostHeader: 'localhost' });
  });

  it('takes the Host header of a Unix socket from its URL, where it has a host', () => {
    expect(parseAddress('ws+unix://example.com/tmp/a.sock').hostHeader).toBe('example.com');
  });

  it.each([
    ['foo', 'Invalid URL: foo'],
    ['', 'Invalid URL: '],
    ['ftp://a', 'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"'],
    ['ws+unix:', "The URL's pathname is empty"],
    ['wss://a#b', 'The URL contains a fragment identifier'],
  ])('refuses %s', (address, message) => {
    expect(() => parseAddress(address)).toThrow(new SyntaxError(message));
    expect(() => parseAddress(address)).toThrow(SyntaxError);
  });

  it('leaves a URL object as it was', () => {
    const url = new URL('http://example.com/');
    expect(parseAddress(url).url.href).toBe('ws://example.com/');
    expect(url.href).toBe('http://example.com/');
  });
});

describe('authorization', () => {
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

  it.each([
    ['ws://a', undefined, undefined],
    ['ws://a', 'user:password', basic('user:password')],
    ['ws://me:secret@a', undefined, basic('me:secret')],
    ['ws://me:secret@a', 'user:password', basic('me:secret')],
    ['ws://me@a', undefined, basic('me:')],
    ['ws://:secret@a', undefined, basic(':secret')],
    ['ws://m%40e:%C3%BC@a', undefined, basic('m@e:ü')],
    ['ws://m%zz:b@a', undefined, basic('m%zz:b')],
    ['ws://%E0:%25@a', undefined, basic('\ufffd:%')],
    ['ws://a', '', undefined],
  ])('of %s with the option %s is %s', (url, auth, expected) => {
    expect(authorization(new URL(url), auth)).toBe(expected);
  });
});
