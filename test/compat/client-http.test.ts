import http, { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  connect,
  decided,
  failure,
  header,
  idleAgent,
  requested,
  serveScript,
  trace,
  upgrading,
} from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

describe.each(ENGINES)('node:http beneath a client of $name', (engine) => {
  describe('agent', () => {
    it.each(['ws://localhost/a?b', 'wss://localhost/a?b', 'ws+unix:/run/x.sock:/a?b'])(
      'gets the request to %s before the constructor returns',
      (address) => {
        const { req, opts } = requested(engine, address, 'foo', { headers: { Foo: 'bar' } });
        expect(req).toBeInstanceOf(ClientRequest);
        expect(req.path).toBe('/a?b');
        expect(req.getHeader('foo')).toBe('bar');
        expect(req.getHeader('upgrade')).toBe('websocket');
        expect(req.getHeader('connection')).toBe('Upgrade');
        expect(req.getHeader('sec-websocket-protocol')).toBe('foo');
        expect(req.getHeader('sec-websocket-key')).toMatch(/^.{22}==$/);
        expect(opts.createConnection).toBeTypeOf('function');
      },
    );

    it('keeps the case of header names', () => {
      const { req } = requested(engine, 'ws://localhost', [], { headers: { FoO: 'bar' } });
      expect(req.getRawHeaderNames()).toEqual([
        'FoO',
        'Sec-WebSocket-Version',
        'Sec-WebSocket-Key',
        'Connection',
        'Upgrade',
        'Sec-WebSocket-Extensions',
        'Host',
      ]);
    });

    it.each([
      ['of node:http', () => new http.Agent()],
      ['that keeps connections alive', () => new http.Agent({ keepAlive: true })],
      ['that is the global one', () => http.globalAgent],
      ['false', () => false],
      ['null', () => null],
      ['undefined', () => undefined],
    ])('%s opens a connection', async (_, agentOf) => {
      const server = await serveScript();
      const agent = agentOf();
      const ws = connect(engine, server.url, { agent });
      expect(await decided(ws)).toBe('open');
      if (!(agent instanceof http.Agent)) return;
      expect(Object.keys(agent.sockets)).toEqual([]);
      expect(Object.keys(agent.freeSockets)).toEqual([]);
    });

    it('gets each request along redirects', () => {
      const { agent, requests } = idleAgent();
      const ws = connect(engine, 'ws://a.example/', { agent, followRedirects: true });
      const urls: string[] = [];
      ws.on('redirect', (url) => urls.push(url));
      for (const location of ['/b', 'ws://b.example/c']) {
        const response = new IncomingMessage(new net.Socket());
        response.statusCode = 302;
        response.headers = { location };
        requests.at(-1)!.req.emit('response', response);
      }
      expect(requests.map(({ req, opts }) => [opts.host, req.path])).toEqual([
        ['a.example', '/'],
        ['a.example', '/b'],
        ['b.example', '/c'],
      ]);
      expect(urls).toEqual(['ws://a.example/b', 'ws://b.example/c']);
    });

    it('that keeps connections alive does not keep that of a refused handshake', async () => {
      const agent = new http.Agent({ keepAlive: true });
      onTestFinished(() => agent.destroy());
      const server = await serveScript(() => 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
      const told = trace(connect(engine, server.url, { agent }));
      expect(await told).toEqual(failure('Unexpected server response: 401'));
      await closed(server.sockets[0]!);
      expect(Object.keys(agent.freeSockets)).toEqual([]);
    });

    it.each([{}, 'agent', 42, true])('%o throws a TypeError', (agent) => {
      const create = () => connect(engine, 'ws://127.0.0.1:1', { agent });
      expect(create).toThrow(TypeError);
      expect(create).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    });

    it.each([
      ['wss://127.0.0.1:1', new http.Agent(), 'Protocol "https:" not supported. Expected "http:"'],
      ['ws://127.0.0.1:1', new https.Agent(), 'Protocol "http:" not supported. Expected "https:"'],
    ])('of another protocol than that of %s throws a TypeError', (address, agent, message) => {
      const create = () => connect(engine, address, { agent });
      expect(create).toThrow(TypeError);
      expect(create).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PROTOCOL', message }));
    });
  });

  describe('createConnection', () => {
    it('gets host and port of the URL, and may connect to anything', async () => {
      const server = await serveScript();
      const asked: net.TcpNetConnectOpts[] = [];
      const createConnection = (options: net.TcpNetConnectOpts): Socket => {
        asked.push(options);
        return net.connect(server.port, '127.0.0.1');
      };
      const ws = connect(engine, 'ws://example.com:81/a?b', { createConnection });
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ host: 'example.com', port: '81' });
      expect(await decided(ws)).toBe('open');
      expect(ws.url).toBe('ws://example.com:81/a?b');
      expect(server.heads[0]).toMatch(/^GET \/a\?b HTTP\/1\.1\r\n/);
      expect(header(server.heads[0], 'Host')).toEqual(['example.com:81']);
    });

    it.each([
      ['ws://example.com', 'example.com', 80],
      ['wss://example.com', 'example.com', 443],
      ['ws://[::1]:81', '::1', '81'],
    ])('gets for %s the host %s and the port %o', async (address, host, port) => {
      const asked: net.TcpNetConnectOpts[] = [];
      const ws = connect(engine, address, {
        createConnection(options: net.TcpNetConnectOpts) {
          asked.push(options);
          return new net.Socket();
        },
      });
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ host, port });
      expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
    });

    it('gets the socket path of a Unix socket', () => {
      const asked: unknown[] = [];
      connect(engine, 'ws+unix:/run/x.sock:/a', {
        createConnection(options: object) {
          asked.push(options);
          return new net.Socket();
        },
      });
      expect(asked).toEqual([expect.objectContaining({ socketPath: '/run/x.sock' })]);
    });

    it('gets the other options as they were given', () => {
      const asked: unknown[] = [];
      connect(engine, 'ws://localhost', {
        custom: 42,
        localAddress: '127.0.0.2',
        family: 4,
        createConnection(options: object) {
          asked.push(options);
          return new net.Socket();
        },
      });
      expect(asked).toEqual([expect.objectContaining({ custom: 42, localAddress: '127.0.0.2', family: 4 })]);
    });

    it('may call back', async () => {
      const server = await serveScript();
      const ws = connect(engine, 'ws://example.com', {
        createConnection(_options: object, callback: (error: null, socket: Socket) => void) {
          const socket = net.connect(server.port, '127.0.0.1', () => callback(null, socket));
        },
      });
      expect(await decided(ws)).toBe('open');
    });

    it('may call back with an error', async () => {
      const told = trace(
        connect(engine, 'ws://example.com', {
          createConnection(_options: object, callback: (error: Error) => void) {
            process.nextTick(callback, new Error('no socket'));
          },
        }),
      );
      expect(await told).toEqual(failure('no socket'));
    });

    it('may return a socket that fails', async () => {
      const told = trace(
        connect(engine, 'ws://example.com', {
          createConnection() {
            const socket = new net.Socket();
            process.nextTick(() => socket.destroy(new Error('it broke')));
            return socket;
          },
        }),
      );
      expect(await told).toEqual(failure('it broke'));
    });

    it('is for an agent to call, where there is one', () => {
      const createConnection = vi.fn();
      const { opts } = requested(engine, 'ws://localhost', [], { createConnection });
      expect(createConnection).not.toHaveBeenCalled();
      expect(opts.createConnection).toBe(createConnection);
    });
  });

  describe('lookup', () => {
    it('is asked for the host, and its answer counts', async () => {
      const server = await serveScript();
      const asked: string[] = [];
      const lookup: net.LookupFunction = (hostname, options, callback) => {
        asked.push(hostname);
        const address = { address: '127.0.0.1', family: 4 };
        if (options.all) process.nextTick(callback, null, [address]);
        else process.nextTick(callback, null, address.address, address.family);
      };
      const ws = connect(engine, `ws://example.com:${server.port}`, { lookup });
      expect(await decided(ws)).toBe('open');
      expect(asked).toEqual(['example.com']);
      expect(header(server.heads[0], 'Host')).toEqual([`example.com:${server.port}`]);
    });

    it.each(['close', 'terminate'] as const)(
      'that never answers leaves the client in CONNECTING until %s',
      async (method) => {
        const ws = connect(engine, 'ws://example.com', { lookup() {} });
        const told = trace(ws);
        expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
        ws[method]();
        expect(ws.readyState).toBe(engine.WebSocket.CLOSING);
        expect(await told).toEqual(failure('WebSocket was closed before the connection was established'));
      },
    );

    it.each([42, 'lookup', {}])('%o is an error', async (lookup) => {
      const ws = connect(engine, 'ws://example.com', { lookup });
      const error = new Promise((resolve) => ws.on('error', resolve));
      expect(await error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
      expect(ws.readyState).toBe(engine.WebSocket.CLOSED);
    });
  });

  it('takes an error to open a socket for one of the connection', async () => {
    const ws = connect(engine, 'ws://127.0.0.1:1', { localAddress: 'nowhere' });
    const error = new Promise((resolve) => ws.on('error', resolve));
    expect(await error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_IP_ADDRESS' });
  });

  it('takes localAddress', async () => {
    const server = await serveScript();
    expect(await decided(connect(engine, server.url, { localAddress: '127.0.0.2' }))).toBe('open');
    expect(server.sockets[0]!.remoteAddress).toBe('127.0.0.2');
  });

  describe('finishRequest', () => {
    it('gets the request and the client, and ends the request', async () => {
      const server = await serveScript();
      const got: unknown[][] = [];
      const ws: WebSocket = connect(engine, server.url, 'foo', {
        finishRequest(...args: [ClientRequest, WebSocket]) {
          got.push(args);
          args[0].setHeader('X-Late', 'yes');
          args[0].removeHeader('Sec-WebSocket-Extensions');
          args[0].end();
        },
      });
      expect(got).toEqual([[expect.any(ClientRequest), ws]]);
      expect(got[0]![1]).toBe(ws);
      expect((got[0]![0] as ClientRequest).getHeader('Sec-WebSocket-Protocol')).toBe('foo');
      await decided(ws);
      expect(header(server.heads[0], 'X-Late')).toEqual(['yes']);
      expect(header(server.heads[0], 'Sec-WebSocket-Extensions')).toEqual([]);
    });

    it('may end the request later, when the socket is connected', async () => {
      const server = await serveScript();
      const ws = connect(engine, server.url, {
        finishRequest(req: ClientRequest) {
          req.on('socket', (socket) => {
            socket.on('connect', () => {
              req.setHeader('X-Port', String((socket as Socket).localPort));
              req.end();
            });
          });
        },
      });
      expect(await decided(ws)).toBe('open');
      expect(header(server.heads[0], 'X-Port')).toEqual([String(server.sockets[0]!.remotePort)]);
    });

    it('has nothing sent until it ends the request', async () => {
      const server = await serveScript();
      let request: ClientRequest | undefined;
      const connected = new Promise<void>((resolve) => {
        connect(engine, server.url, {
          finishRequest(req: ClientRequest) {
            request = req;
            req.on('socket', (socket) => socket.on('connect', () => resolve()));
          },
        });
      });
      await connected;
      expect(request!.headersSent).toBe(false);
      expect(server.heads).toEqual([]);
    });

    it('may give up', async () => {
      const server = await serveScript();
      const told = trace(
        connect(engine, server.url, {
          finishRequest: (req: ClientRequest) => process.nextTick(() => req.destroy(new Error('enough'))),
        }),
      );
      expect(await told).toEqual(failure('enough'));
    });

    it('throws out of the constructor', () => {
      const finishRequest = () => {
        throw new Error('not this one');
      };
      const { agent } = idleAgent();
      expect(() => connect(engine, 'ws://localhost', { agent, finishRequest })).toThrow('not this one');
    });

    it('gets the request to an agent', () => {
      const finishRequest = vi.fn();
      const { req } = requested(engine, 'ws://localhost', [], { finishRequest });
      expect(finishRequest).toHaveBeenCalledOnce();
      expect(finishRequest.mock.calls[0]![0]).toBe(req);
    });
  });

  describe('other options', () => {
    it('setHost: false leaves out Host', async () => {
      const server = await serveScript();
      expect(await decided(connect(engine, server.url, { setHost: false }))).toBe('open');
      expect(header(server.heads[0], 'Host')).toEqual([]);
    });

    it('defaultPort is left out of Host', () => {
      const { req, opts } = requested(engine, 'ws://localhost:8080', [], { defaultPort: 8080 });
      expect(req.getHeader('Host')).toBe('localhost');
      expect(opts.port).toBe('8080');
    });

    it('maxHeaderSize limits the response', async () => {
      const server = await serveScript(upgrading({ 'X-Long': 'x'.repeat(2000) }));
      const ws = connect(engine, server.url, { maxHeaderSize: 1000 });
      const error = new Promise((resolve) => ws.on('error', resolve));
      expect(await error).toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
    });

    it('insecureHTTPParser takes a header that it would not take', async () => {
      const server = await serveScript(upgrading({ 'X-Bad': 'a\x01b' }));
      const strict = connect(engine, server.url);
      const error = new Promise((resolve) => strict.on('error', resolve));
      expect(await error).toMatchObject({ code: 'HPE_INVALID_HEADER_TOKEN' });
      expect(await decided(connect(engine, server.url, { insecureHTTPParser: true }))).toBe('open');
    });

    it('signal aborts', async () => {
      const server = await serveScript(() => undefined);
      const controller = new AbortController();
      const ws = connect(engine, server.url, { signal: controller.signal });
      const told = trace(ws);
      const error = new Promise((resolve) => ws.on('error', resolve));
      controller.abort();
      expect(await error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
      expect(await told).toEqual(failure('The operation was aborted', 'AbortError'));
    });
  });

  it(difference('client-own-http'), async () => {
    const server = await serveScript();
    const request = vi.spyOn(http, 'request');
    onTestFinished(() => request.mockRestore());
    expect(await decided(connect(engine, server.url))).toBe('open');
    expect(request).toHaveBeenCalledTimes(engine.name === 'ws' ? 1 : 0);
    expect(await decided(connect(engine, server.url, { agent: http.globalAgent }))).toBe('open');
    expect(request).toHaveBeenCalledTimes(engine.name === 'ws' ? 2 : 1);
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on('close', () => resolve());
  });
}
