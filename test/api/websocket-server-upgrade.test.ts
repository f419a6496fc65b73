import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { closeCode, nextConnection, openClient, startServer, startTestServer } from '../behaviour/engine.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { connectRaw, upgradeRaw, upgradeRequest } from '../behaviour/raw-peer.ts';

/** The whole answer to a request. */
async function answerTo(port: number, request: string): Promise<string> {
  const peer = await connectRaw(port);
  peer.socket.write(request);
  await peer.closed;
  return String(peer.received);
}

describe('the modes', () => {
  it.each([undefined, {}, { noServer: false }, { port: 0, noServer: true }])(
    'are one of three: not %o',
    (options) => {
      expect(() => new WebSocketServer(options as object)).toThrow(
        new TypeError('One and only one of the "port", "server", or "noServer" options must be specified'),
      );
    },
  );

  it('emit an error when the port is taken', async () => {
    const { port } = await startTestServer();
    const second = new WebSocketServer({ port, host: '127.0.0.1' });
    expect((await once(second, 'error'))[0].code).toBe('EADDRINUSE');
  });

  it('keep the options', async () => {
    const { wss } = await startTestServer({ maxPayload: 5 });
    expect(wss.options).toMatchObject({ port: 0, maxPayload: 5 });
  });
});

describe('a refusal', () => {
  it.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 426, 'Upgrade Required'],
    ['another method', upgradeRequest({}, 'POST / HTTP/1.1'), 405, 'Invalid HTTP method'],
    ['another upgrade', upgradeRequest({ Upgrade: 'h2c' }), 400, 'Invalid Upgrade header'],
    [
      'a bad key',
      upgradeRequest({ 'Sec-WebSocket-Key': 'x' }),
      400,
      'Missing or invalid Sec-WebSocket-Key header',
    ],
    [
      'bad subprotocols',
      upgradeRequest({ 'Sec-WebSocket-Protocol': 'a,,b' }),
      400,
      'Invalid Sec-WebSocket-Protocol header',
    ],
    [
      'bad extensions',
      upgradeRequest({ 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=1' }),
      400,
      'Invalid or unacceptable Sec-WebSocket-Extensions header',
    ],
    ['another path', upgradeRequest({}, 'GET /other?/here HTTP/1.1'), 400, 'Bad Request'],
  ])('answers %s with %i and its reason', async (_name, request, status, body) => {
    const { port } = await startTestServer({ perMessageDeflate: true, path: '/' });
    const answer = await answerTo(port, request);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(body);
    expect(answer).toMatch(/\r\nConnection: (Upgrade, )?close\r\n/);
  });

  it('names the versions it speaks', async () => {
    const { port } = await startTestServer();
    const answer = await answerTo(port, upgradeRequest({ 'Sec-WebSocket-Version': '9' }));
    expect(answer).toContain('\r\nSec-WebSocket-Version: 13, 8\r\n');
    expect(answer).toContain('Missing or invalid Sec-WebSocket-Version header');
  });

  it('ignores unknown extensions, and bad ones where it has none', async () => {
    const { port } = await startTestServer({ perMessageDeflate: true });
    (await upgradeRaw(port, { 'Sec-WebSocket-Extensions': 'foo; bar=1' })).socket.destroy();
    const without = await startTestServer();
    (await upgradeRaw(without.port, { 'Sec-WebSocket-Extensions': 'foo;=' })).socket.destroy();
  });

  it('goes to wsClientError with an error of that message', async () => {
    const { wss, port } = await startTestServer();
    wss.on('wsClientError', (error, socket, request) => {
      expect(request.headers.upgrade).toBe('h2c');
      socket.end(`own answer: ${error.message}`);
    });
    const answer = await answerTo(port, upgradeRequest({ Upgrade: 'h2c' }));
    expect(answer).toBe('own answer: Invalid Upgrade header');
  });
});

describe('shouldHandle', () => {
  it('compares the path without the query', () => {
    const wss = new WebSocketServer({ noServer: true, path: '/a' });
    const results = ['/a', '/a?b', '/a/', '/', '/b?/a'].map((url) =>
      wss.shouldHandle({ url } as IncomingMessage),
    );
    expect(results).toEqual([true, true, false, false, false]);
    const open = new WebSocketServer({ noServer: true });
    expect(open.shouldHandle({ url: '/x' } as IncomingMessage)).toBe(true);
  });
});

describe('verifyClient', () => {
  it.each([
    [[false], 401, 'Unauthorized'],
    [[false, 404], 404, 'Not Found'],
    [[false, 403, 'go away'], 403, 'go away'],
  ] as const)('refuses by its callback with %o', async (args, status, body) => {
    const { port } = await startTestServer({
      verifyClient: (_info, callback) => {
        setImmediate(() => callback(...args));
      },
    });
    const answer = await answerTo(port, upgradeRequest());
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(body);
  });

  it('adds the headers it gives', async () => {
    const { port } = await startTestServer({
      verifyClient: (_info, callback) => callback(false, 429, '', { 'Retry-After': '7' }),
    });
    expect(await answerTo(port, upgradeRequest())).toContain('\r\nRetry-After: 7\r\n');
  });

  it('accepts by its callback, later; frames that came meanwhile are not lost', async () => {
    const { wss, port } = await startTestServer({
      verifyClient: (_info, callback) => {
        setImmediate(() => callback(true));
      },
    });
    const message = nextConnection(wss, (ws) => once(ws, 'message'));
    const peer = await connectRaw(port);
    peer.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), frame(0x81, 'early', true)]));
    expect(String((await message)[0])).toBe('early');
    peer.socket.destroy();
  });

  it.each([
    ['13', 'Origin'],
    ['8', 'Sec-WebSocket-Origin'],
  ])('of version %s gets the header %s', async (version, name) => {
    const origins: unknown[] = [];
    const { port } = await startTestServer({
      verifyClient: ({ origin, secure, req }) => {
        origins.push(origin, secure, req.method);
        return true;
      },
    });
    const peer = await upgradeRaw(port, { 'Sec-WebSocket-Version': version, [name]: 'http://o' });
    expect(origins).toEqual(['http://o', false, 'GET']);
    peer.socket.destroy();
  });

  it('has no connection to give when the client went meanwhile', async () => {
    let decide = (): void => {};
    const asked = new Promise<IncomingMessage>((resolve) => {
      decide = () => {};
      onTestFinished(() => decide());
      serverOptions.verifyClient = ({ req }: { req: IncomingMessage }, callback: (ok: boolean) => void) => {
        decide = () => callback(true);
        resolve(req);
      };
    });
    const { wss, port } = await startTestServer(serverOptions);
    wss.on('connection', () => expect.unreachable());
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest());
    const { socket } = await asked;
    const gone = once(socket, 'close');
    peer.socket.destroy();
    socket.resume();
    await gone;
    decide();
    expect(wss.clients.size).toBe(0);
  });
});

const serverOptions: {
  verifyClient?: (info: { req: IncomingMessage }, callback: (ok: boolean) => void) => void;
} = {};

describe('the answer', () => {
  it('can be changed by headers listeners, which get its lines', async () => {
    const { wss, port } = await startTestServer();
    wss.on('headers', (lines, request) => {
      expect(lines.slice(0, 3)).toEqual([
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ]);
      lines.push(`X-Path: ${request.url}`);
    });
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest({}, 'GET /p HTTP/1.1'));
    expect(await peer.takeHead()).toContain('\r\nX-Path: /p\r\n');
    peer.socket.destroy();
  });

  it('has the window of the client where one is set', async () => {
    const { port } = await startTestServer({ perMessageDeflate: { clientMaxWindowBits: 8 } });
    const peer = await connectRaw(port);
    const extensions = 'permessage-deflate; client_max_window_bits';
    peer.socket.write(upgradeRequest({ 'Sec-WebSocket-Extensions': extensions }));
    expect(await peer.takeHead()).toContain(
      '\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8\r\n',
    );
    peer.socket.destroy();
  });

  it('has the subprotocol that handleProtocols picks, and none for false', async () => {
    const offers: unknown[] = [];
    const { port } = await startTestServer({
      handleProtocols: (offered, request) => {
        offers.push([...offered], request.url);
        return offered.has('b') ? 'b' : false;
      },
    });
    const picked = await connectRaw(port);
    picked.socket.write(upgradeRequest({ 'Sec-WebSocket-Protocol': 'a, b' }));
    expect(await picked.takeHead()).toContain('\r\nSec-WebSocket-Protocol: b\r\n');
    const none = await connectRaw(port);
    none.socket.write(upgradeRequest({ 'Sec-WebSocket-Protocol': 'c' }));
    expect(await none.takeHead()).not.toContain('Sec-WebSocket-Protocol');
    expect(offers).toEqual([['a', 'b'], '/', ['c'], '/']);
    for (const peer of [picked, none]) peer.socket.destroy();
  });
});

describe('handleUpgrade', () => {
  const request = (): IncomingMessage =>
    ({
      method: 'GET',
      httpVersion: '1.1',
      url: '/',
      headers: {
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
      },
    }) as unknown as IncomingMessage;

  it('takes any Duplex, reads the head as frames, and calls back with the request', async () => {
    const wss = new WebSocketServer({ noServer: true });
    const [near, far] = duplexPair();
    const asked = request();
    const answer = once(far, 'data');
    const message = new Promise((resolve) => {
      wss.handleUpgrade(asked, near, frame(0x81, 'head', true), (ws, given) => {
        expect(given).toBe(asked);
        ws.on('message', (data) => {
          resolve(String(data));
          ws.terminate();
        });
      });
    });
    expect(await message).toBe('head');
    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('throws for a socket that was given before', () => {
    const wss = new WebSocketServer({ noServer: true });
    const [near] = duplexPair();
    wss.handleUpgrade(request(), near, Buffer.alloc(0), () => {});
    expect(() => wss.handleUpgrade(request(), near, Buffer.alloc(0), () => {})).toThrow(
      'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
    );
    for (const ws of wss.clients) ws.terminate();
  });

  it('answers 503 when the server is closed, and does not call back', async () => {
    const wss = new WebSocketServer({ noServer: true });
    await new Promise<void>((resolve) => wss.close(() => resolve()));
    const [near, far] = duplexPair();
    const answer = once(far, 'data');
    wss.handleUpgrade(request(), near, Buffer.alloc(0), () => expect.unreachable());
    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe('connections', () => {
  it('are of the class that is given', async () => {
    class Own extends WebSocket {
      greet(): void {
        this.send('hello');
      }
    }
    const { wss, url } = await startTestServer({ WebSocket: Own });
    wss.on('connection', (ws) => (ws as Own).greet());
    const client = new WebSocket(url);
    expect(String((await once(client, 'message'))[0])).toBe('hello');
  });

  it('are in clients when they are told of, and no longer when their close listeners run', async () => {
    const { wss, url } = await startTestServer();
    expect(wss.clients.size).toBe(0);
    const sizes: number[] = [];
    const left = nextConnection(wss, (ws) => {
      sizes.push(wss.clients.size);
      return new Promise<void>((resolve) => {
        ws.on('close', () => {
          sizes.push(wss.clients.size);
          resolve();
        });
      });
    });
    (await openClient(url)).terminate();
    await left;
    expect(sizes).toEqual([1, 0]);
  });
});

describe('close', () => {
  it('leaves clients connected, and comes when they are gone', async () => {
    const { wss, url } = await startServer();
    const client = await openClient(url);
    let closed = false;
    const done = new Promise<unknown>((resolve) => wss.close(resolve));
    wss.on('close', () => {
      closed = true;
    });
    const pong = once(client, 'pong');
    client.ping();
    await pong;
    expect([closed, client.readyState]).toEqual([false, WebSocket.OPEN]);
    const end = closeCode(client);
    client.close(1000);
    expect(await end).toBe(1000);
    expect(await done).toBeUndefined();
    expect(wss.address()).toBeNull();
  });

  it('without tracking waits for nobody, and does not close a given server', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    const wss = new WebSocketServer({ server, clientTracking: false });
    await once(wss, 'listening');
    expect(wss.address()).toEqual(server.address());
    const client = await openClient(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await new Promise<void>((resolve) => wss.close(() => resolve()));
    expect([client.readyState, server.listening]).toEqual([WebSocket.OPEN, true]);
    expect(['upgrade', 'listening', 'error'].map((name) => server.listenerCount(name))).toEqual([0, 0, 0]);
    client.terminate();
  });

  it('calls all callbacks, and back with an error when it is closed already', async () => {
    const wss = new WebSocketServer({ noServer: true });
    const close = () => new Promise<Error | undefined>((resolve) => wss.close(resolve));
    expect(await Promise.all([close(), close()])).toEqual([undefined, undefined]);
    expect(await close()).toEqual(new Error('The server is not running'));
  });
});
