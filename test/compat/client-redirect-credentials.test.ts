import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { upgradeResponse } from '../behaviour/raw-peer.ts';
import { connect, decided, header, serveScript } from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

const HEADERS = { Authorization: 'Bearer token', Cookie: 'a=b', Host: 'custom.example', 'X-Other': 'kept' };
const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe.each(ENGINES)('what redirects of a client of $name send', (engine) => {
  /** The heads of the requests to the first address and then to the others, whatever host they name. */
  async function follow(addresses: readonly string[], options: object = {}, listens = false) {
    let requests = 0;
    const server = await serveScript((head) => {
      const location = addresses[++requests];
      return location === undefined
        ? upgradeResponse(head)
        : `HTTP/1.1 307 There\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    });
    const createConnection = () => net.connect(server.port, '127.0.0.1');
    const ws = connect(engine, addresses[0], { followRedirects: true, createConnection, ...options });
    if (listens) ws.on('redirect', () => {});
    expect(await decided(ws)).toBe('open');
    expect(server.heads).toHaveLength(addresses.length);
    return server.heads;
  }

  /** The values of a header in each of the requests. */
  async function sent(name: string, ...args: Parameters<typeof follow>) {
    return (await follow(...args)).map((head) => header(head, name).join());
  }

  const SAME_HOST = [
    ['ws://a.example/', '/b'],
    ['ws://a.example/', 'ws://a.example:80/b'],
    ['ws://a.example/', 'http://A.example/b'],
    ['ws://a.example:81/', 'ws://a.example:81/b'],
    ['ws://a.example/', 'wss://a.example/'],
    ['wss://a.example/', '/b'],
    ['wss://a.example/', 'https://a.example:443/b'],
    ['ws+unix:/run/a.sock:/', 'ws+unix:/run/a.sock:/b'],
  ] as const;
  const DOWNGRADE = [
    ['wss://a.example/', 'ws://a.example/'],
    ['https://a.example/', 'http://a.example/b'],
    ['wss://a.example:81/', 'ws://a.example:81/'],
  ] as const;
  const OTHER_HOST = [
    ['ws://a.example/', 'ws://b.example/'],
    ['ws://a.example/', '//b.example/'],
    ['ws://a.example/', 'ws://sub.a.example/'],
    ['ws://sub.a.example/', 'ws://a.example/'],
    ['ws://a.example/', 'ws://a.example:81/'],
    ['ws://a.example:81/', 'ws://a.example/'],
    ['ws://a.example:81/', 'wss://a.example:82/'],
    ['wss://a.example/', 'wss://b.example/'],
    ['wss://a.example/', 'ws://b.example/'],
    ['wss://a.example:81/', 'ws://a.example/'],
    ['ws://127.0.0.1/', 'ws://localhost/'],
    ['ws+unix:/run/a.sock:/', 'ws://a.example/'],
    ['ws+unix:/run/a.sock:/', 'wss://a.example/'],
    ['ws+unix:/run/a.sock:/', 'ws+unix:/run/b.sock:/'],
  ] as const;

  describe('without a listener', () => {
    it.each(SAME_HOST)('from %s to %s is all', async (...addresses) => {
      const [, head] = await follow(addresses, { headers: HEADERS });
      for (const [name, value] of Object.entries(HEADERS)) expect(header(head, name)).toEqual([value]);
    });

    it.each(SAME_HOST)('from %s to %s has auth', async (...addresses) => {
      const values = await sent('Authorization', addresses, { auth: 'me:secret' });
      expect(values).toEqual([basic('me:secret'), basic('me:secret')]);
    });

    it.each(DOWNGRADE)('from %s to %s is no credentials, but Host', async (...addresses) => {
      const [first, second] = await follow(addresses, { headers: HEADERS });
      expect(header(first, 'Authorization')).toEqual(['Bearer token']);
      expect(header(first, 'Cookie')).toEqual(['a=b']);
      expect(header(second, 'Authorization')).toEqual([]);
      expect(header(second, 'Cookie')).toEqual([]);
      expect(header(second, 'Host')).toEqual(['custom.example']);
      expect(header(second, 'X-Other')).toEqual(['kept']);
    });

    it.each(OTHER_HOST)('from %s to %s is neither credentials nor Host', async (...addresses) => {
      const [first, second] = await follow(addresses, { headers: HEADERS });
      expect(header(first, 'Authorization')).toEqual(['Bearer token']);
      expect(header(first, 'Cookie')).toEqual(['a=b']);
      expect(header(first, 'Host')).toEqual(['custom.example']);
      expect(header(second, 'Authorization')).toEqual([]);
      expect(header(second, 'Cookie')).toEqual([]);
      expect(header(second, 'Host')).not.toEqual(['custom.example']);
      expect(header(second, 'Host')).toHaveLength(1);
      expect(header(second, 'X-Other')).toEqual(['kept']);
    });

    it.each([...DOWNGRADE, ...OTHER_HOST])('from %s to %s has no auth', async (...addresses) => {
      const values = await sent('Authorization', addresses, { auth: 'me:secret' });
      expect(values).toEqual([basic('me:secret'), '']);
    });

    it.each([
      ['ws://me:secret@a.example/', 'ws://b.example/'],
      ['ws://me:secret@a.example/', 'ws://you:other@b.example/'],
      ['wss://me:secret@a.example/', 'ws://a.example/'],
    ])('from %s to %s has no userinfo', async (...addresses) => {
      expect(await sent('Authorization', addresses)).toEqual([basic('me:secret'), '']);
    });

    it.each([...DOWNGRADE, ...OTHER_HOST])(
      `from %s to %s; ${difference('redirect-proxy-credentials')}`,
      async (...addresses) => {
        const headers = { 'Proxy-Authorization': 'Basic YTpi' };
        const kept = engine.name === 'ws' ? 'Basic YTpi' : '';
        expect(await sent('Proxy-Authorization', addresses, { headers })).toEqual(['Basic YTpi', kept]);
      },
    );

    it('to another host and back are those again', async () => {
      const addresses = ['ws://a.example/', 'ws://b.example/', 'ws://a.example/c'];
      const options = { headers: HEADERS };
      expect(await sent('Authorization', addresses, options)).toEqual(['Bearer token', '', 'Bearer token']);
      expect(await sent('Cookie', addresses, options)).toEqual(['a=b', '', 'a=b']);
      expect(await sent('Host', addresses, options)).toEqual([
        'custom.example',
        'b.example',
        'custom.example',
      ]);
      expect(await sent('Authorization', addresses, { auth: 'a:b' })).toEqual([
        basic('a:b'),
        '',
        basic('a:b'),
      ]);
    });

    it('along another host are compared with the first', async () => {
      const addresses = ['ws://a.example/', 'ws://b.example/', 'ws://b.example/c'];
      expect(await sent('Cookie', addresses, { headers: HEADERS })).toEqual(['a=b', '', '']);
    });

    it('by way of ws: are compared with the first', async () => {
      const addresses = ['wss://a.example/', 'ws://a.example/', 'wss://a.example/c'];
      expect(await sent('Cookie', addresses, { headers: HEADERS })).toEqual(['a=b', '', 'a=b']);
    });
  });

  describe('with a listener', () => {
    it.each([...SAME_HOST, ...DOWNGRADE, ...OTHER_HOST])('from %s to %s is all', async (...addresses) => {
      const [, head] = await follow(addresses, { headers: HEADERS }, true);
      for (const [name, value] of Object.entries(HEADERS)) expect(header(head, name)).toEqual([value]);
    });

    it.each([...DOWNGRADE, ...OTHER_HOST])('from %s to %s has auth', async (...addresses) => {
      const values = await sent('Authorization', addresses, { auth: 'me:secret' }, true);
      expect(values).toEqual([basic('me:secret'), basic('me:secret')]);
    });
  });

  describe('of userinfo', () => {
    it.each([false, true])('is the first, with a listener: %o', async (listens) => {
      const addresses = ['ws://me:secret@a.example/', 'ws://you:other@a.example/b', '/c'];
      expect(await sent('Authorization', addresses, {}, listens)).toEqual([
        basic('me:secret'),
        basic('me:secret'),
        basic('me:secret'),
      ]);
    });

    it.each([false, true])(
      'is that of the Location where there was none, with a listener: %o',
      async (listens) => {
        const addresses = ['ws://a.example/', 'ws://you:other@a.example/b', '/c'];
        expect(await sent('Authorization', addresses, {}, listens)).toEqual([
          '',
          basic('you:other'),
          basic('you:other'),
        ]);
      },
    );

    it('is the first on another host, with a listener', async () => {
      const addresses = ['ws://me:secret@a.example/', 'ws://you:other@b.example/'];
      expect(await sent('Authorization', addresses, {}, true)).toEqual([
        basic('me:secret'),
        basic('me:secret'),
      ]);
    });

    it.each([false, true])('loses to the header, with a listener: %o', async (listens) => {
      const addresses = ['ws://a.example/', 'ws://you:other@a.example/b'];
      const options = { headers: { Authorization: 'Bearer token' } };
      expect(await sent('Authorization', addresses, options, listens)).toEqual([
        'Bearer token',
        'Bearer token',
      ]);
    });

    it.each([false, true])('loses to the first auth, with a listener: %o', async (listens) => {
      const addresses = ['ws://a.example/', 'ws://you:other@a.example/b'];
      expect(await sent('Authorization', addresses, { auth: 'me:secret' }, listens)).toEqual([
        basic('me:secret'),
        basic('me:secret'),
      ]);
    });

    it('stays in the url along a relative Location', async () => {
      let requests = 0;
      const server = await serveScript((head) =>
        requests++ === 0
          ? 'HTTP/1.1 307 There\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n'
          : upgradeResponse(head),
      );
      const ws = connect(engine, `ws://me:secret@${server.authority}/`, { followRedirects: true });
      expect(await decided(ws)).toBe('open');
      expect(ws.url).toBe(`ws://me:secret@${server.authority}/b`);
    });
  });
});
