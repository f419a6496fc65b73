import { ClientRequest } from 'node:http';
import net, { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { upgradeResponse } from '../behaviour/raw-peer.ts';
import { connect, decided, failure, header, type Script, serveScript, trace } from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

const GIVEN_UP = failure('WebSocket was closed before the connection was established');

function redirecting(location: string, status = 302): string {
  return `HTTP/1.1 ${status} There\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
}

/** Sends the first requests to `locations`, one by one, and upgrades then. */
function along(...locations: readonly string[]): Script {
  let requests = 0;
  return (head) => {
    const location = locations[requests++];
    return location === undefined ? upgradeResponse(head) : redirecting(location);
  };
}

describe.each(ENGINES)('redirects of a client of $name', (engine) => {
  /** A client of any address, whose sockets all lead to a server that answers as `script` says. */
  async function attempt(script: Script, options: object = {}, address = 'ws://a.example/') {
    const server = await serveScript(script);
    const createConnection = () => net.connect(server.port, '127.0.0.1');
    const ws = connect(engine, address, { followRedirects: true, createConnection, ...options });
    return { server, ws };
  }
  const lines = (heads: readonly string[]) => heads.map((head) => head.split('\r\n')[0]);

  it.each([undefined, false])('are not followed with followRedirects: %o', async (followRedirects) => {
    const { ws, server } = await attempt(along('/b'), { followRedirects });
    expect(await trace(ws, ['redirect'])).toEqual(failure('Unexpected server response: 302'));
    expect(server.heads).toHaveLength(1);
  });

  it.each([300, 301, 302, 303, 304, 305, 307, 308, 399])('are followed for the status %i', async (status) => {
    const { ws, server } = await attempt((head) =>
      head.startsWith('GET / ') ? redirecting('/b', status) : upgradeResponse(head),
    );
    expect(await decided(ws)).toBe('open');
    expect(lines(server.heads)).toEqual(['GET / HTTP/1.1', 'GET /b HTTP/1.1']);
  });

  it.each([200, 201, 299, 400, 404, 500])('are not followed for the status %i', async (status) => {
    const { ws, server } = await attempt(() => redirecting('/b', status));
    expect(await trace(ws, ['redirect'])).toEqual(failure(`Unexpected server response: ${status}`));
    expect(server.heads).toHaveLength(1);
  });

  it.each([
    ['no Location', 'HTTP/1.1 302 There\r\nContent-Length: 0\r\n\r\n'],
    ['an empty Location', redirecting('')],
  ])('are not followed with %s', async (_, response) => {
    const { ws } = await attempt(() => response);
    expect(await trace(ws)).toEqual(failure('Unexpected server response: 302'));
  });

  it.each([
    ['/b', 'ws://a.example/b'],
    ['c?d=e', 'ws://a.example/x/c?d=e'],
    ['../c', 'ws://a.example/c'],
    ['?d', 'ws://a.example/x/y?d'],
    ['//b.example/c', 'ws://b.example/c'],
    ['ws://b.example', 'ws://b.example/'],
    ['ws://a.example:81/', 'ws://a.example:81/'],
    ['http://b.example/c', 'ws://b.example/c'],
    ['https://b.example/c', 'wss://b.example/c'],
    ['wss://b.example/c', 'wss://b.example/c'],
    ['WS://B.example/\u00e4', 'ws://b.example/%C3%A4'],
  ])('to %s lead to %s', async (location, url) => {
    const { ws } = await attempt(along(location), {}, 'ws://a.example/x/y?z');
    expect(ws.url).toBe('ws://a.example/x/y?z');
    expect(await decided(ws)).toBe('open');
    expect(ws.url).toBe(url);
  });

  it(difference('redirect-to-unix-socket'), async () => {
    const { ws } = await attempt(along('ws+unix:/run/x.sock:/c'), {}, 'ws://a.example/');
    const refused = 'error Error: A redirect leads from the network to a Unix socket';
    expect(await decided(ws)).toBe(engine.name === 'ws' ? 'open' : refused);
  });

  it('from a Unix socket lead to another', async () => {
    const { ws } = await attempt(along('ws+unix:/run/b.sock:/c'), {}, 'ws+unix:/run/a.sock:/');
    expect(await decided(ws)).toBe('open');
    expect(ws.url).toBe('ws+unix:/run/b.sock:/c');
  });

  it('of http: are relative to the address, too', async () => {
    const { ws } = await attempt(along('/b', 'c'), {}, 'http://a.example/');
    expect(await decided(ws)).toBe('open');
    expect(ws.url).toBe('ws://a.example/c');
  });

  it('connect to another server', async () => {
    const target = await serveScript();
    const first = await serveScript(along(`${target.url}b`));
    const ws = connect(engine, first.url, 'foo', { followRedirects: true });
    ws.on('error', () => {});
    await new Promise((resolve) => ws.on('redirect', resolve));
    await decided(ws);
    expect(ws.url).toBe(`${target.url}b`);
    expect(lines(target.heads)).toEqual(['GET /b HTTP/1.1']);
    expect(header(target.heads[0], 'Host')).toEqual([target.authority]);
    expect(header(target.heads[0], 'Sec-WebSocket-Protocol')).toEqual(['foo']);
    await gone(first.sockets[0]!);
  });

  it('ask for the same with another key', async () => {
    const options = { headers: { Foo: 'bar' }, origin: 'https://o.example', perMessageDeflate: false };
    const { ws, server } = await attempt(along('/b'), options);
    expect(await decided(ws)).toBe('open');
    const [first, second] = server.heads;
    for (const name of ['Foo', 'Origin', 'Sec-WebSocket-Version', 'Sec-WebSocket-Extensions']) {
      expect(header(second, name)).toEqual(header(first, name));
    }
    expect(header(second, 'Sec-WebSocket-Key')).not.toEqual(header(first, 'Sec-WebSocket-Key'));
  });

  it('leave the options as they are', async () => {
    const options = Object.freeze({
      followRedirects: true,
      auth: 'a:b',
      headers: Object.freeze({ Foo: 'bar' }),
    });
    const { ws } = await attempt(along('/b', 'ws://b.example'), options);
    expect(await decided(ws)).toBe('open');
    expect(options).toEqual({ followRedirects: true, auth: 'a:b', headers: { Foo: 'bar' } });
  });

  describe('maxRedirects', () => {
    const times = (count: number) => along(...Array.from({ length: count }, (_, i) => `/${i + 1}`));

    it.each([
      [{}, 10],
      [{ maxRedirects: 1 }, 1],
      [{ maxRedirects: 3 }, 3],
      [{ maxRedirects: 11 }, 11],
    ])('%o allows %i', async (options, count) => {
      const { ws, server } = await attempt(times(count), options);
      expect(await decided(ws)).toBe('open');
      expect(server.heads).toHaveLength(count + 1);
    });

    it.each([
      [{}, 10],
      [{ maxRedirects: 0 }, 0],
      [{ maxRedirects: 1 }, 1],
      [{ maxRedirects: 3 }, 3],
    ])('%o does not allow one more than %i', async (options, count) => {
      const { ws, server } = await attempt(times(count + 1), options);
      expect(await trace(ws)).toEqual(failure('Maximum redirects exceeded'));
      expect(server.heads).toHaveLength(count + 1);
      expect(ws.url).toBe(`ws://a.example/${count === 0 ? '' : count}`);
    });
  });

  describe('a bad Location', () => {
    const BAD_SCHEME = 'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"';

    it.each([
      ['ws://', 'Invalid URL: ws://'],
      ['http://[', 'Invalid URL: http://['],
      ['ws://a:99999/', 'Invalid URL: ws://a:99999/'],
      ['bad-scheme://localhost', BAD_SCHEME],
      ['mailto:me', BAD_SCHEME],
      ['ws+unix:', "The URL's pathname is empty"],
      ['ws://a.example/#foo', 'The URL contains a fragment identifier'],
      ['#foo', 'The URL contains a fragment identifier'],
    ])('%s is a SyntaxError', async (location, message) => {
      const { ws, server } = await attempt(along(location));
      const states: number[] = [];
      const errors: Error[] = [];
      ws.on('error', (error) => {
        errors.push(error);
        states.push(ws.readyState);
      });
      expect(await trace(ws, ['redirect'])).toEqual(failure(message, 'SyntaxError'));
      expect(errors[0]).toBeInstanceOf(SyntaxError);
      expect(states).toEqual([engine.WebSocket.CLOSING]);
      expect(server.heads).toHaveLength(1);
      await gone(server.sockets[0]!);
    });
  });

  describe("'redirect'", () => {
    it('has the URL and the request before it is sent', async () => {
      const { ws, server } = await attempt(along('/b', 'http://b.example/c'));
      const seen: unknown[] = [];
      ws.on('redirect', (url, request) => {
        expect(request).toBeInstanceOf(ClientRequest);
        seen.push([url, ws.url, request.path, request.getHeader('host'), ws.readyState, request.headersSent]);
        expect(server.heads).toHaveLength(seen.length);
      });
      expect(await decided(ws)).toBe('open');
      expect(seen).toEqual([
        ['ws://a.example/b', 'ws://a.example/b', '/b', 'a.example', 0, false],
        ['ws://b.example/c', 'ws://b.example/c', '/c', 'b.example', 0, false],
      ]);
    });

    it('comes before the other events', async () => {
      const { ws } = await attempt(along('/b'));
      ws.on('open', () => ws.terminate());
      expect(await trace(ws, ['redirect'])).toEqual(['redirect', 'upgrade', 'open', "close 1006 ''"]);
    });

    it('may change the headers of the request', async () => {
      const { ws, server } = await attempt(along('/b'), { headers: { Foo: 'a', Bar: 'b' } });
      ws.on('redirect', (_url, request) => {
        request.removeHeader('foo');
        request.setHeader('bar', 'c');
      });
      expect(await decided(ws)).toBe('open');
      expect(header(server.heads[1], 'Foo')).toEqual([]);
      expect(header(server.heads[1], 'Bar')).toEqual(['c']);
    });

    it.each(['close', 'terminate'] as const)('may call %s()', async (method) => {
      const { ws, server } = await attempt(along('/b'));
      ws.on('redirect', () => ws[method]());
      expect(await trace(ws, ['redirect'])).toEqual(['redirect', ...GIVEN_UP]);
      expect(server.heads).toHaveLength(1);
    });

    it.each(['abort', 'destroy'] as const)('may call %s() of the request', async (method) => {
      const { ws } = await attempt(along('/b'));
      ws.on('redirect', (_url, request) => {
        request.on('socket', () => request[method]());
      });
      const codes = new Promise((resolve) =>
        ws.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
      );
      expect(await trace(ws, ['redirect'])).toEqual(['redirect', ...failure('socket hang up')]);
      expect(await codes).toBe('ECONNRESET');
    });

    it('may destroy the request with an error', async () => {
      const { ws } = await attempt(along('/b'));
      ws.on('redirect', (_url, request) => request.destroy(new Error('not there')));
      expect(await trace(ws, ['redirect'])).toEqual(['redirect', ...failure('not there')]);
    });

    it.each(['close', 'terminate'] as const)('may destroy the request and call %s()', async (method) => {
      const { ws } = await attempt(along('/b'));
      ws.on('redirect', (_url, request) => {
        request.destroy(new Error('not there'));
        ws[method]();
      });
      expect(await trace(ws, ['redirect'])).toEqual(['redirect', ...GIVEN_UP]);
    });
  });

  it('end each request by finishRequest', async () => {
    const paths: string[] = [];
    const finishRequest = (request: ClientRequest) => {
      paths.push(request.path);
      request.setHeader('X-Count', paths.length);
      request.end();
    };
    const { ws, server } = await attempt(along('/b', '/c'), { finishRequest });
    expect(await decided(ws)).toBe('open');
    expect(paths).toEqual(['/', '/b', '/c']);
    expect(server.heads.map((head) => header(head, 'X-Count'))).toEqual([['1'], ['2'], ['3']]);
  });

  it('are followed by an unexpected response', async () => {
    const { ws } = await attempt((head) =>
      head.startsWith('GET / ') ? redirecting('/b') : 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno',
    );
    const response = new Promise<[number | undefined, string]>((resolve) =>
      ws.on('unexpected-response', (request, { statusCode }) => resolve([statusCode, request.path])),
    );
    expect(await response).toEqual([403, '/b']);
  });

  it('are followed by a failure of the network', async () => {
    const { ws } = await attempt((head, socket) => {
      if (head.startsWith('GET / ')) return redirecting('/b');
      socket.end();
      return undefined;
    });
    expect(await trace(ws)).toEqual(failure('socket hang up'));
  });

  it('have handshakeTimeout for each request', async () => {
    const server = await serveScript((head) => (head.startsWith('GET / ') ? redirecting('/b') : undefined));
    const ws = connect(engine, server.url, { followRedirects: true, handshakeTimeout: 500 });
    expect(await trace(ws, ['redirect'])).toEqual([
      'redirect',
      ...failure('Opening handshake has timed out'),
    ]);
    while (server.sockets.length < 2) await new Promise(setImmediate);
    await gone(server.sockets[1]!);
  });

  it.each(['close', 'terminate'] as const)('end with %s() after them', async (method) => {
    let asked = (): void => {};
    const again = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { ws } = await attempt((head) => {
      if (head.startsWith('GET / ')) return redirecting('/b');
      asked();
      return undefined;
    });
    await again;
    const told = trace(ws);
    ws[method]();
    expect(await told).toEqual(GIVEN_UP);
  });
});

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on('close', () => resolve());
  });
}
