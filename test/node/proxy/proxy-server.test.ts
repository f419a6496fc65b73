import { describe, expect, it } from 'vitest';
import { isHttpProxy, readProxy } from '../../../src/node/proxy/proxy-server.ts';

describe('readProxy', () => {
  it.each([
    ['http://proxy', 'http:', 'proxy', 80],
    ['https://proxy', 'https:', 'proxy', 443],
    ['socks5://proxy', 'socks5:', 'proxy', 1080],
    ['socks5h://proxy:1', 'socks5h:', 'proxy', 1],
    ['HTTP://[::1]:3128/', 'http:', '::1', 3128],
    ['proxy:3128', 'http:', 'proxy', 3128],
    ['127.0.0.1:3128', 'http:', '127.0.0.1', 3128],
    ['me:secret@proxy', 'http:', 'proxy', 80],
  ])('reads %s', (url, scheme, host, port) => {
    expect(readProxy({ url }, 'x')).toMatchObject({ scheme, host, port, headers: {}, tls: {} });
  });

  it('reads URLs, userinfo, and what is for the proxy alone', () => {
    const settings = { url: new URL('http://m%40e:s@proxy'), headers: { A: 'b' }, tls: { ca: 'c' } };
    expect(readProxy(settings, 'x')).toMatchObject({
      userinfo: { username: 'm@e', password: 's' },
      headers: { A: 'b' },
      tls: { ca: 'c' },
    });
    expect(readProxy({ url: 'proxy' }, 'x').userinfo).toBeUndefined();
  });

  it.each([
    ['', 'it is no URL'],
    ['http://', 'it is no URL'],
    ['http://me:secret@', 'it is no URL'],
    ['proxy:port', 'it is no URL'],
    ['ftp://me:secret@proxy', 'its scheme is none of http:, https:, socks5:, socks5h:'],
    ['socks4://proxy', 'its scheme is none of'],
    ['socks5://', 'it has no host'],
  ])('refuses "%s", and does not tell what it is', (url, fault) => {
    expect(() => readProxy({ url }, 'HTTP_PROXY')).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        code: 'WS_ERR_INVALID_PROXY',
        message: expect.stringMatching(`^Invalid proxy in HTTP_PROXY: ${fault}`),
      }),
    );
    expect(() => readProxy({ url }, 'HTTP_PROXY')).not.toThrow(/secret/);
  });
});

it('isHttpProxy', () => {
  const kinds = ['http://a', 'https://a', 'socks5://a', 'socks5h://a'].map((url) => readProxy({ url }, 'x'));
  expect(kinds.map(isHttpProxy)).toEqual([true, true, false, false]);
});
