import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, type WebSocketServer } from 'ws';
import { frame, parseFrames } from '../behaviour/raw-frames.ts';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { SAMPLE_KEY } from '../handshake/wire.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';
import { difference } from './differences.ts';
import { ENGINES, type Engine } from './engines.ts';
import { answerTo, attempt, refusal, SERVED, serve, upgradeLines } from './served.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols';
const MORE_THAN_ONCE =
  'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration';

type Upgraded = [request: IncomingMessage, socket: Socket, head: Buffer];

/** A request as node's HTTP server hands it over, from a client that has sent `bytes` behind it. */
async function upgradeWith(bytes: Uint8Array = Buffer.alloc(0)) {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const peer = await connectRaw(port);
  onTestFinished(() => {
    peer.socket.destroy();
    http.closeAllConnections();
    http.close();
  });
  const upgraded = once(http, 'upgrade') as Promise<unknown> as Promise<Upgraded>;
  peer.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), bytes]));
  const [request, socket, head] = await upgraded;
  return { peer, request, socket, head };
}

/** A request that nothing but the needed is known of, as frameworks make them up. */
function madeUp(headers: Record<string, unknown> = {}): IncomingMessage {
  return {
    method: 'GET',
    url: '/',
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': SAMPLE_KEY,
      'sec-websocket-version': 13,
      ...headers,
    },
  } as unknown as IncomingMessage;
}

function noServer({ WebSocketServer }: Engine) {
  const wss = new WebSocketServer({ noServer: true });
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
  });
  return wss;
}

describe.each(ENGINES)('handleUpgrade of $name', (engine) => {
  it('calls back with the open connection and the request, at once', async () => {
    const wss = noServer(engine);
    const connected = vi.fn();
    wss.on('connection', connected);
    const { peer, request, socket, head } = await upgradeWith();
    const callback = vi.fn((ws: WebSocket, _request: IncomingMessage) => {
      expect([ws.readyState, wss.clients.has(ws), ws instanceof engine.WebSocket]).toEqual([1, true, true]);
    });
    expect(wss.handleUpgrade(request, socket, head, callback)).toBeUndefined();
    expect(callback).toHaveBeenCalledOnce();
    expect(callback.mock.calls[0]).toHaveLength(2);
    expect(callback.mock.calls[0]![1]).toBe(request);
    expect(connected).not.toHaveBeenCalled();
    expect((await peer.takeHead()).split('\r\n')[0]).toBe(SWITCHING);
  });

  it('works with any Duplex: no setTimeout, no setNoDelay', async () => {
    const wss = noServer(engine);
    const written: Buffer[] = [];
    const socket = new MemorySocket((text) => written.push(Buffer.from(text, 'latin1')));
    expect(['setTimeout' in socket, 'setNoDelay' in socket]).toEqual([false, false]);
    const opened = new Promise<WebSocket>((resolve) => {
      wss.handleUpgrade(madeUp(), socket, Buffer.alloc(0), resolve);
    });
    const ws = await opened;
    const message = once(ws, 'message');
    socket.push(frame(0x81, 'hello', true));
    expect(String((await message)[0])).toBe('hello');
    await new Promise<void>((resolve) => ws.send('world', () => resolve()));
    const bytes = Buffer.concat(written);
    expect(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)).toEqual(frame(0x81, 'world', false));
    const closed = once(ws, 'close');
    socket.push(frame(0x88, Buffer.from([3, 232]), true));
    socket.push(null);
    expect((await closed)[0]).toBe(1000);
  });

  it('works with a Duplex that is object-mode-free, paired and not autodestroyed', async () => {
    const wss = noServer(engine);
    const socket = new PassThrough({ autoDestroy: false, allowHalfOpen: true });
    // What is written comes back: the answer is read as frames, and is none.
    const opened = new Promise<WebSocket>((resolve) => {
      wss.handleUpgrade(madeUp(), socket, Buffer.alloc(0), resolve);
    });
    const ws = await opened;
    const failed = once(ws, 'error');
    const [error] = await failed;
    expect(error).toMatchObject({ code: expect.stringMatching(/^WS_ERR_/) });
    ws.terminate();
  });

  it.each([
    ['one frame', frame(0x81, 'hello', true), ['hello']],
    [
      'several',
      Buffer.concat([frame(0x81, 'a', true), frame(0x01, 'b', true), frame(0x80, 'c', true)]),
      ['a', 'bc'],
    ],
  ])('reads the head: %s', async (_what, bytes, expected) => {
    const wss = noServer(engine);
    const { request, socket, head } = await upgradeWith(bytes);
    expect(head.length).toBe(bytes.length);
    const messages: string[] = [];
    await new Promise<void>((resolve) => {
      wss.handleUpgrade(request, socket, head, (ws) => {
        ws.on('message', (data) => {
          messages.push(String(data));
          if (messages.length === expected.length) resolve();
        });
      });
      // Not before the callback had its chance to listen.
      expect(messages).toEqual([]);
    });
    expect(messages).toEqual(expected);
  });

  it('reads a head that is the beginning of a frame', async () => {
    const wss = noServer(engine);
    const bytes = frame(0x81, 'hello', true);
    const { peer, request, socket, head } = await upgradeWith(bytes.subarray(0, 3));
    expect(head.length).toBe(3);
    const message = new Promise((resolve) => {
      wss.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => resolve(String(data))));
    });
    peer.socket.write(bytes.subarray(3));
    expect(await message).toBe('hello');
  });

  it('throws for a socket that it has had', async () => {
    const wss = noServer(engine);
    const { request, socket, head } = await upgradeWith();
    const callback = vi.fn();
    wss.handleUpgrade(request, socket, head, callback);
    expect(() => wss.handleUpgrade(request, socket, head, callback)).toThrow(new Error(MORE_THAN_ONCE));
    expect(() => noServer(engine).handleUpgrade(request, socket, head, callback)).toThrow(MORE_THAN_ONCE);
    expect(callback).toHaveBeenCalledOnce();
  });

  it('throws, where two servers take each upgrade of an HTTP server', async () => {
    const { http, wss } = await serve(engine, {}, 'server');
    const other = new engine.WebSocketServer({ server: http });
    onTestFinished(() => other.close());
    const [first, second] = http!.listeners('upgrade') as Array<(...upgraded: Upgraded) => void>;
    const { request, socket, head } = await upgradeWith();
    first!.call(http, request, socket, head);
    expect(() => second!.call(http, request, socket, head)).toThrow(MORE_THAN_ONCE);
    expect([wss.clients.size, other.clients.size]).toEqual([1, 0]);
  });

  it('destroys a socket whose client has half-closed, and does not call back', async () => {
    const wss = noServer(engine);
    const { peer, request, socket, head } = await upgradeWith();
    const ended = once(socket, 'end');
    socket.resume();
    peer.socket.end();
    await ended;
    const callback = vi.fn();
    wss.handleUpgrade(request, socket, head, callback);
    expect([socket.destroyed, callback.mock.calls]).toEqual([true, []]);
    await peer.closed;
    expect(peer.received.toString()).toBe('');
  });

  it('destroys a socket that cannot be written to any more', async () => {
    const wss = noServer(engine);
    const { request, socket, head } = await upgradeWith();
    socket.end();
    const callback = vi.fn();
    wss.handleUpgrade(request, socket, head, callback);
    expect([socket.destroyed, callback.mock.calls]).toEqual([true, []]);
  });

  it('takes requests of other makers, whose headers are numbers', async () => {
    const wss = noServer(engine);
    const socket = new MemorySocket(() => {});
    const ws = await new Promise<WebSocket>((resolve) => {
      wss.handleUpgrade(madeUp({ 'sec-websocket-version': 8 }), socket, Buffer.alloc(0), resolve);
    });
    expect(ws.readyState).toBe(1);
  });

  it('is what the upgrade of an HTTP server goes through, in a subclass too', async () => {
    const upgrades: string[] = [];
    class Logged extends engine.WebSocketServer {
      override handleUpgrade(...args: Parameters<WebSocketServer['handleUpgrade']>): void {
        upgrades.push(args[0].url!);
        super.handleUpgrade(...args);
      }
    }
    for (const mode of ['port', 'server'] as const) {
      const { url } = await serve({ ...engine, WebSocketServer: Logged as never }, {}, mode);
      expect(await attempt(`${url}${mode}`)).toEqual(['open', '']);
    }
    expect(upgrades).toEqual(['/port', '/server']);
  });

  it('leaves no timeout and none of its listeners for errors on the socket', async () => {
    const wss = noServer(engine);
    const { request, socket, head } = await upgradeWith();
    socket.setTimeout(50);
    await new Promise<unknown>((resolve) => wss.handleUpgrade(request, socket, head, resolve));
    expect([socket.timeout, socket.listenerCount('error')]).toEqual([0, 1]);
  });

  it('answers a ping that came with the request', async () => {
    const wss = noServer(engine);
    const { peer, request, socket, head } = await upgradeWith(frame(0x89, 'p', true));
    wss.handleUpgrade(request, socket, head, () => {});
    await peer.takeHead();
    await peer.until((received) => received.length === 3);
    expect(parseFrames(peer.received)).toEqual([{ opcode: 10, masked: false, payload: Buffer.from('p') }]);
  });
});

describe.each(SERVED)('the path of $name', ({ engine, mode }) => {
  it.each([
    ['/chat', '/chat', true],
    ['/chat', '/chat?a=b', true],
    ['/chat', '/chat?', true],
    ['/chat', '/chat/', false],
    ['/chat', '/', false],
    ['/chat', '/CHAT', false],
    ['/chat', '/chat%20', false],
    ['/chat?a=b', '/chat?a=b', false],
    ['', '/foo', true],
    [undefined, '/foo', true],
    [null, '/foo', true],
  ])('%j for the request %j: %j', async (path, target, handled) => {
    const { port } = await serve(engine, { path: path as string }, mode);
    const [statusLine] = await upgradeLines(port, upgradeRequest({}, `GET ${target} HTTP/1.1`));
    expect(statusLine).toBe(handled ? SWITCHING : 'HTTP/1.1 400 Bad Request');
  });

  it('is read at each upgrade', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.options.path = '/chat';
    expect(await answerTo(port, upgradeRequest())).toBe(refusal(engine, 400));
  });
});

describe.each(ENGINES)('shouldHandle of $name', (engine) => {
  const { WebSocketServer } = engine;

  it.each([
    [undefined, '/foo', true],
    ['/foo', '/foo', true],
    ['/foo', '/foo?bar', true],
    ['/foo', '/bar', false],
  ])('with the path %j, for %j: %j', (path, url, expected) => {
    const wss = new WebSocketServer({ noServer: true, path });
    expect(wss.shouldHandle({ url } as IncomingMessage)).toBe(expected);
  });

  it('may be overridden on the object and in a subclass', async () => {
    const { wss, port } = await serve(engine);
    wss.shouldHandle = (request) => request.url === '/mine';
    expect((await upgradeLines(port, upgradeRequest({}, 'GET /mine HTTP/1.1')))[0]).toBe(SWITCHING);
    expect(await answerTo(port, upgradeRequest())).toBe(refusal(engine, 400));
    class Picky extends WebSocketServer {
      override shouldHandle(request: IncomingMessage): boolean {
        return request.headers['x-key'] === 'yes';
      }
    }
    const picky = await serve({ ...engine, WebSocketServer: Picky as never });
    expect((await upgradeLines(picky.port, upgradeRequest({ 'X-Key': 'yes' })))[0]).toBe(SWITCHING);
    expect(await answerTo(picky.port, upgradeRequest())).toBe(refusal(engine, 400));
  });

  it.each([1, 'yes', {}, 0, '', null, undefined])('may return %j', async (value) => {
    const { wss, port } = await serve(engine);
    wss.shouldHandle = () => value as boolean;
    expect((await upgradeLines(port))[0]).toBe(value ? SWITCHING : 'HTTP/1.1 400 Bad Request');
  });

  it(`may return a promise; ${difference('hook-promise')}`, async () => {
    const { wss, port } = await serve(engine);
    wss.shouldHandle = async () => false;
    expect((await upgradeLines(port))[0]).toBe(engine.name === 'ws' ? SWITCHING : 'HTTP/1.1 400 Bad Request');
    wss.shouldHandle = async () => true;
    expect((await upgradeLines(port))[0]).toBe(SWITCHING);
  });
});

describe.each(SERVED)("'connection' of $name", ({ engine, mode }) => {
  it('has the socket and the request, and a peer that can be talked to at once', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    const connection = once(wss, 'connection');
    wss.on('connection', (ws, request) => ws.send(`welcome to ${request.url}`));
    const client = new WebSocket(`${url}chat?a=b`);
    const message = once(client, 'message');
    const [ws, request] = await connection;
    expect(ws).toBeInstanceOf(engine.WebSocket);
    expect(request).toBeInstanceOf(IncomingMessage);
    expect([ws.readyState, ws.protocol, ws.extensions, ws.url, ws.isPaused]).toEqual([
      ...[1, '', '', undefined, false],
    ]);
    expect([request.method, request.url, request.httpVersion]).toEqual(['GET', '/chat?a=b', '1.1']);
    expect(request.socket).toBe((ws as { _socket: Duplex })._socket);
    expect(request.socket.remoteAddress).toBe('127.0.0.1');
    expect(String((await message)[0])).toBe('welcome to /chat?a=b');
    const closed = once(client, 'close');
    client.terminate();
    await closed;
  });

  it('comes for each, with none missed between the bytes of many', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    const targets: string[] = [];
    const all = new Promise<void>((resolve) => {
      wss.on('connection', (_ws, request) => targets.push(request.url!) === 20 && resolve());
    });
    const sockets = Array.from({ length: 20 }, (_, index) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(upgradeRequest({}, `GET /${index} HTTP/1.1`));
      return socket;
    });
    await all;
    expect(targets.sort()).toEqual(sockets.map((_, index) => `/${index}`).sort());
    expect(wss.clients.size).toBe(20);
    for (const socket of sockets) socket.destroy();
  });
});
