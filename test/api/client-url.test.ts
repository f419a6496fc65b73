import { describe, expect, it } from 'vitest';
import { authorization, clientRequest, parseAddress } from '../../src/api/client-url.ts';

describe('parseAddress', () => {
  it.each([
    ['ws://localhost', 'ws://localhost/', false, 'localhost', 80, '/', 'localhost'],
    ['wss://a.b:8443/c?d', 'wss://a.b:8443/c?d', true, 'a.b', 8443, '/c?d', 'a.b:8443'],
    ['wss://localhost:443/', 'wss://localhost/', true, 'localhost', 443, '/', 'localhost'],
    ['http://localhost/x', 'ws://localhost/x', false, 'localhost', 80, '/x', 'localhost'],
    ['https://localhost', 'wss://localhost/', true, 'localhost', 443, '/', 'localhost'],
    ['ws://[::1]:90', 'ws://[::1]:90/', false, '::1', 90, '/', '[::1]:90'],
  ])('reads %s', (address, url, secure, host, port, target, hostHeader) => {
    const destination = parseAddress(address);
    expect({ ...destination, url: destination.url.href }).toEqual({
      url,
      secure,
      host,
      port,
      target,
      hostHeader,
      socketPath: undefined,
    });
  });

  it.each([
    ['ws+unix:/tmp.sock:/a:b?c', '/tmp.sock', '/a:b?c'],
    ['ws+unix:/tmp.sock', '/tmp.sock', '/'],
    ['ws+unix:/tmp.sock:', '/tmp.sock', '/'],
  ])('reads %s', (address, socketPath, target) => {
    expect(parseAddress(address)).toMatchObject({ socketPath, target, hostHeader: 'localhost' });
  });

  it('does not change a URL that it is given', () => {
    const url = new URL('https://localhost/');
    parseAddress(url);
    expect(url.href).toBe('https://localhost/');
  });

  it.each([
    ['foo', 'Invalid URL: foo'],
    ['ftp://a', 'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"'],
    ['ws+unix:', "The URL's pathname is empty"],
    ['ws://a/#b', 'The URL contains a fragment identifier'],
  ])('refuses %s', (address, message) => {
    expect(() => parseAddress(address)).toThrow(new SyntaxError(message));
  });
});

it('takes credentials from the URL, percent-decoded, before the option', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  expect(authorization(new URL('ws://a%20b:c@d'), 'x:y')).toBe(basic('a b:c'));
  expect(authorization(new URL('ws://d'), 'x:y')).toBe(basic('x:y'));
  expect(authorization(new URL('ws://d'), undefined)).toBeUndefined();
});

it('says what a client asks for', () => {
  const destination = parseAddress('ws://a/b');
  expect(clientRequest(destination, ['c'], {})).toMatchObject({
    target: { secure: false, host: 'a', port: 80 },
    upgrade: { target: '/b', host: 'a', version: 13, subprotocols: ['c'], headers: {} },
    deflate: {},
    handshakeTimeout: 0,
  });
  const request = clientRequest(destination, [], {
    protocolVersion: 8,
    perMessageDeflate: false,
    handshakeTimeout: 5,
  });
  expect([request.upgrade.version, request.deflate, request.handshakeTimeout]).toEqual([8, undefined, 5]);
});
