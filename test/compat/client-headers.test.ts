import { describe, expect, it } from 'vitest';
import { connect, decided, header, PATHS, requested, serveScript } from './client-peers.ts';
import { difference } from './differences.ts';

describe.each(PATHS)('the request of a client of $name', ({ engine, over }) => {
  /** The head of the request that a client sends, and what became of it. */
  async function sent(options: object = {}, protocols: readonly string[] = []) {
    const server = await serveScript();
    const outcome = await decided(connect(engine, server.url, protocols, { ...over, ...options }));
    return { head: server.heads[0]!, authority: server.authority, outcome };
  }
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

  it('is this', async () => {
    const { head, authority, outcome } = await sent();
    expect(outcome).toBe('open');
    expect(withoutKey(head)).toBe(
      [
        'GET / HTTP/1.1',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: (key)',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
        `Host: ${authority}`,
        '\r\n',
      ].join('\r\n'),
    );
  });

  it('is this with headers, subprotocols and an origin', async () => {
    const { head } = await sent(
      { headers: { 'X-Foo': 'a', 'x-bar': ['b', 'c'] }, origin: 'https://example.com' },
      ['one', 'two'],
    );
    expect(withoutKey(head).replace(/127.0.0.1:\d+/, '(authority)')).toBe(
      [
        'GET / HTTP/1.1',
        'X-Foo: a',
        'x-bar: b',
        'x-bar: c',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: (key)',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
        'Sec-WebSocket-Protocol: one,two',
        'Origin: https://example.com',
        'Host: (authority)',
        '\r\n',
      ].join('\r\n'),
    );
  });

  it('has a fresh key of 16 bytes each time', async () => {
    const keys = await Promise.all([sent(), sent()]);
    const [first, second] = keys.map(({ head }) => header(head, 'Sec-WebSocket-Key'));
    expect(Buffer.from(first![0]!, 'base64')).toHaveLength(16);
    expect(first![0]).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(first).not.toEqual(second);
  });

  describe('headers', () => {
    it.each([
      ['a string', { Foo: 'bar' }, 'foo', ['bar']],
      ['a number', { Foo: 42 }, 'foo', ['42']],
      ['an empty string', { Foo: '' }, 'foo', ['']],
      ['a list', { Foo: ['a', 'b'] }, 'foo', ['a', 'b']],
      ['cookies as a list', { Cookie: ['a=1', 'b=2'] }, 'cookie', ['a=1; b=2']],
      ['Latin-1 text', { Foo: 'ä' }, 'foo', ['ä']],
      ['User-Agent', { 'User-Agent': 'me' }, 'user-agent', ['me']],
      ['Host', { Host: 'example.com' }, 'host', ['example.com']],
      ['host in lower case', { host: 'example.com' }, 'host', ['example.com']],
      ['Origin', { Origin: 'https://a.example' }, 'origin', ['https://a.example']],
      ['the second of two cases', { foo: 'a', FOO: 'b' }, 'foo', ['b']],
    ])('sends %s', async (_, headers, name, values) => {
      const { head, outcome } = await sent({ headers });
      expect(outcome).toBe('open');
      expect(header(head, name)).toEqual(values);
    });

    it.each([
      ['Sec-WebSocket-Version', '13'],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
    ])('does not replace %s', async (name, value) => {
      for (const given of [name, name.toLowerCase()]) {
        const { head, outcome } = await sent({ headers: { [given]: 'other' } });
        expect(outcome).toBe('open');
        expect(header(head, name)).toEqual([value]);
      }
    });

    it('does not replace Sec-WebSocket-Key', async () => {
      const { head, outcome } = await sent({ headers: { 'sec-websocket-key': 'other' } });
      expect(outcome).toBe('open');
      expect(header(head, 'Sec-WebSocket-Key')).toEqual([expect.stringMatching(/^.{22}==$/)]);
    });

    it('sends Sec-WebSocket-Extensions where none is offered', async () => {
      const { head } = await sent({
        headers: { 'Sec-WebSocket-Extensions': 'foo' },
        perMessageDeflate: false,
      });
      expect(header(head, 'Sec-WebSocket-Extensions')).toEqual(['foo']);
    });

    it('sends Sec-WebSocket-Protocol where none is asked for', async () => {
      const headers = { 'Sec-WebSocket-Protocol': 'foo' };
      expect(header((await sent({ headers })).head, 'Sec-WebSocket-Protocol')).toEqual(['foo']);
      expect(header((await sent({ headers }, ['bar'])).head, 'Sec-WebSocket-Protocol')).toEqual(['bar']);
    });

    it('is left as it is', async () => {
      const headers = Object.freeze({ Foo: 'bar' });
      const options = Object.freeze({ headers, auth: 'a:b' });
      expect((await sent(options)).outcome).toBe('open');
      expect(options).toEqual({ headers: { Foo: 'bar' }, auth: 'a:b' });
    });

    it.each([undefined, null])('may be %o', async (headers) => {
      expect((await sent({ headers })).outcome).toBe('open');
    });

    it.each([
      ['a name with a space', { 'a b': 'c' }, 'ERR_INVALID_HTTP_TOKEN'],
      ['an empty name', { '': 'c' }, 'ERR_INVALID_HTTP_TOKEN'],
      ['a name with a colon', { 'a:': 'c' }, 'ERR_INVALID_HTTP_TOKEN'],
      ['a line break in a value', { a: 'b\r\nc: d' }, 'ERR_INVALID_CHAR'],
      ['a control character in a value', { a: 'b\0' }, 'ERR_INVALID_CHAR'],
      ['a value beyond Latin-1', { a: '€' }, 'ERR_INVALID_CHAR'],
    ])('throws a TypeError for %s', (_, headers, code) => {
      for (const options of [{ headers }, { headers, agent: false }]) {
        const create = (): unknown => connect(engine, 'ws://127.0.0.1:1/', options);
        expect(create).toThrow(TypeError);
        expect(create).toThrow(expect.objectContaining({ code }));
      }
    });

    it(difference('client-undefined-header'), () => {
      const create = () => requested(engine, 'ws://localhost', [], { headers: { a: undefined } });
      if (engine.name === 'hawser') expect(create().req.hasHeader('a')).toBe(false);
      else expect(create).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_HEADER_VALUE' }));
    });
  });

  describe('auth', () => {
    it.each([
      ['user:pass', 'user:pass'],
      ['user', 'user'],
      ['üser:päss', 'üser:päss'],
      [':', ':'],
      ['user%40:pass', 'user%40:pass'],
    ])('%s is sent as it is', async (auth, credentials) => {
      expect(header((await sent({ auth })).head, 'Authorization')).toEqual([basic(credentials)]);
    });

    it.each([undefined, null, ''])('%o is none', async (auth) => {
      expect(header((await sent({ auth })).head, 'Authorization')).toEqual([]);
    });

    it('does not replace the header Authorization', async () => {
      for (const name of ['Authorization', 'authorization']) {
        const { head } = await sent({ auth: 'user:pass', headers: { [name]: 'Bearer token' } });
        expect(header(head, 'Authorization')).toEqual(['Bearer token']);
      }
    });
  });

  describe("the URL's userinfo", () => {
    const authorization = (userinfo: string, options: object = {}) =>
      requested(engine, `ws://${userinfo}@localhost`, [], options).req.getHeader('Authorization');

    it.each([
      ['user:pass', 'user:pass'],
      ['user', 'user:'],
      ['user:', 'user:'],
      [':pass', ':pass'],
      ['a%40b:c%3Ad', 'a@b:c:d'],
      ['%C3%A4:%E2%82%AC', 'ä:€'],
      ['ä:€', 'ä:€'],
      ['a+b:c', 'a+b:c'],
      ['%:%zz', '%:%zz'],
      ['%E0:%25', '\ufffd:%'],
      ['100%:%40', '100%:@'],
    ])('%s is sent', (userinfo, credentials) => {
      expect(authorization(userinfo)).toBe(basic(credentials));
    });

    it('is sent where node:http has no part in it', async () => {
      const server = await serveScript();
      expect(await decided(connect(engine, `ws://a%40b:c@${server.authority}`))).toBe('open');
      expect(header(server.heads[0], 'Authorization')).toEqual([basic('a@b:c')]);
    });

    it('wins over auth', () => {
      expect(authorization('user:pass', { auth: 'other:one' })).toBe(basic('user:pass'));
    });

    it('does not replace the header Authorization', () => {
      expect(authorization('user:pass', { headers: { authorization: 'Bearer token' } })).toBe('Bearer token');
    });

    it.each(['ws://@localhost', 'ws://:@localhost'])('is none in %s', (address) => {
      const request = (options?: object) => requested(engine, address, [], options).req;
      expect(request().hasHeader('Authorization')).toBe(false);
      expect(request({ auth: 'a:b' }).getHeader('Authorization')).toBe(basic('a:b'));
    });
  });

  describe('origin', () => {
    it('is not sent by default', async () => {
      const { head } = await sent();
      expect(header(head, 'Origin')).toEqual([]);
      expect(header(head, 'Sec-WebSocket-Origin')).toEqual([]);
    });

    it.each([undefined, null, ''])('%o is none', async (origin) => {
      expect(header((await sent({ origin })).head, 'Origin')).toEqual([]);
    });

    it('is Origin in version 13', async () => {
      const { head } = await sent({ origin: 'https://example.com:8000' });
      expect(header(head, 'Origin')).toEqual(['https://example.com:8000']);
      expect(header(head, 'Sec-WebSocket-Origin')).toEqual([]);
      expect(header(head, 'Sec-WebSocket-Version')).toEqual(['13']);
    });

    it('is Sec-WebSocket-Origin in version 8', async () => {
      const { head, outcome } = await sent({ origin: 'https://example.com:8000', protocolVersion: 8 });
      expect(outcome).toBe('open');
      expect(header(head, 'Sec-WebSocket-Origin')).toEqual(['https://example.com:8000']);
      expect(header(head, 'Origin')).toEqual([]);
      expect(header(head, 'Sec-WebSocket-Version')).toEqual(['8']);
    });

    it('wins over the header', async () => {
      const { head } = await sent({ origin: 'https://a.example', headers: { origin: 'https://b.example' } });
      expect(header(head, 'Origin')).toEqual(['https://a.example']);
    });
  });

  describe('perMessageDeflate', () => {
    it.each([
      [undefined, undefined],
      [false, undefined],
      [null, undefined],
      [true, 'permessage-deflate; client_max_window_bits'],
      [{}, 'permessage-deflate; client_max_window_bits'],
      [{ threshold: 0 }, 'permessage-deflate; client_max_window_bits'],
      [
        { serverNoContextTakeover: true },
        'permessage-deflate; server_no_context_takeover; client_max_window_bits',
      ],
      [{ serverNoContextTakeover: false }, 'permessage-deflate; client_max_window_bits'],
      [
        { clientNoContextTakeover: true },
        'permessage-deflate; client_no_context_takeover; client_max_window_bits',
      ],
      [{ clientNoContextTakeover: false }, 'permessage-deflate; client_max_window_bits'],
      [{ serverMaxWindowBits: 10 }, 'permessage-deflate; server_max_window_bits=10; client_max_window_bits'],
      [{ clientMaxWindowBits: 8 }, 'permessage-deflate; client_max_window_bits=8'],
      [{ clientMaxWindowBits: 15 }, 'permessage-deflate; client_max_window_bits=15'],
      [{ clientMaxWindowBits: true }, 'permessage-deflate; client_max_window_bits'],
      [{ clientMaxWindowBits: undefined }, 'permessage-deflate; client_max_window_bits'],
      [{ clientMaxWindowBits: null }, 'permessage-deflate; client_max_window_bits'],
      [{ clientMaxWindowBits: false }, 'permessage-deflate'],
      [
        {
          clientMaxWindowBits: 9,
          serverMaxWindowBits: 11,
          clientNoContextTakeover: true,
          serverNoContextTakeover: true,
        },
        'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
          'server_max_window_bits=11; client_max_window_bits=9',
      ],
    ])('%o offers %o', async (perMessageDeflate, offer) => {
      const options = perMessageDeflate === undefined ? { perMessageDeflate: false } : { perMessageDeflate };
      const { head } = await sent(options);
      expect(header(head, 'Sec-WebSocket-Extensions')).toEqual(offer === undefined ? [] : [offer]);
    });
  });
});

function withoutKey(head: string): string {
  return head.replace(/^(Sec-WebSocket-Key: ).*\r$/m, '$1(key)\r');
}
