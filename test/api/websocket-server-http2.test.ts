import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { echo, ending, expectEcho, openClient, startTestServer } from '../behaviour/engine.ts';
import { ACK, connectFrame, h2Frame, PING, RST_STREAM } from '../behaviour/http2-peer.ts';
import { openSession, request } from '../node/http2-pair.ts';
import { attackServer } from '../security/http2-attacker.ts';

/** A server of node:http2 with a WebSocket server on it. */
async function attach(options: ServerOptions = {}) {
  const server = createServer();
  const wss = new WebSocketServer({ server, ...options });
  const port = await listen(server);
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
    server.close();
  });
  return { wss, server, port, url: `ws://127.0.0.1:${port}/chat` };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The message of the error with which an attempt over HTTP/2 fails. */
async function refusal(url: string, options: object = {}): Promise<string> {
  const ws = new WebSocket(url, { http2: true, ...options });
  const [error] = await once(ws, 'error');
  return error.message;
}

describe('a WebSocketServer over HTTP/2', () => {
  it('brings a request as HTTP/1.1 does, through all hooks', async () => {
    const seen: unknown[] = [];
    const { wss, url, port } = await attach({
      path: '/chat',
      origins: ['https://example.com'],
      perMessageDeflate: true,
      handleProtocols: (offered, { url: path }) => {
        seen.push(path);
        return [...offered].at(-1)!;
      },
      verifyClient: ({ origin, secure, req }, decide) => {
        seen.push(origin, secure, req.headers.host, req.socket.remoteAddress);
        decide(true);
      },
    });
    wss.on('headers', (lines) => lines.push('Set-Cookie: a=1'));
    wss.on('connection', echo);
    const ws = new WebSocket(url, ['one', 'two'], { http2: true, origin: 'https://example.com' });
    const [[response]] = await Promise.all([once(ws, 'upgrade'), once(ws, 'open')]);
    expect([response.statusCode, response.headers['set-cookie']]).toEqual([200, ['a=1']]);
    expect([ws.protocol, ws.extensions]).toEqual(['two', 'permessage-deflate']);
    expect(seen).toEqual(['https://example.com', false, `127.0.0.1:${port}`, '127.0.0.1', '/chat']);
    await expectEcho(ws, 'hello');
  });

  it('refuses by a status, and tells the first of a bad request', async () => {
    const { wss, url } = await attach({ path: '/chat', origins: ['https://example.com'] });
    const faults: string[] = [];
    wss.on('wsClientError', (error, socket) => {
      faults.push(error.message);
      (Reflect.get(socket, 'stream') as ServerHttp2Stream).respond({ ':status': 418 }, { endStream: true });
    });
    expect(await refusal(url, { origin: 'https://evil.example' })).toBe('Unexpected server response: 418');
    expect(faults).toEqual(['Origin not allowed']);
    expect(await refusal(url.replace('chat', 'other'))).toBe('Unexpected server response: 400');
    wss.options.verifyClient = (_info, decide) => decide(false, 403);
    expect(await refusal(url)).toBe('Unexpected server response: 403');
  });

  it('refuses with 503 when it has no room, and when it drains', async () => {
    const { wss, url } = await attach({ maxConnections: 1 });
    const first = await openClient(url, { http2: true });
    expect(await refusal(url)).toBe('Unexpected server response: 503');
    const end = ending(first);
    const drained = wss.drain();
    expect(await refusal(url)).toBe('Unexpected server response: 503');
    expect(await end).toEqual([['close', 1001, '']]);
    expect(await drained).toMatchObject({ closed: 1 });
  });

  it('has 1,000 in one session', async () => {
    const { wss, url } = await startTestServer({ http2: true });
    wss.on('connection', echo);
    let sockets = 0;
    wss._server!.on('connection', () => sockets++);
    const all = await Promise.all(Array.from({ length: 1000 }, () => openClient(url, { http2: true })));
    await Promise.all(all.map((ws, i) => expectEcho(ws, `message ${i}`)));
    expect([sockets, wss.clients.size]).toEqual([1, 1000]);
    const ends = all.map(ending);
    for (const ws of all) ws.close(1000);
    for (const end of ends) expect(await end).toEqual([['close', 1000, '']]);
  });

  it('takes streams by hand', async () => {
    const server = createServer({ settings: { enableConnectProtocol: true } });
    const wss = new WebSocketServer({ noServer: true });
    server.on('stream', (stream, headers) => wss.handleConnect(stream, headers, (ws) => echo(ws)));
    const port = await listen(server);
    onTestFinished(() => void server.close());
    const ws = await openClient(`ws://127.0.0.1:${port}`, { http2: true });
    await expectEcho(ws, 'by hand');
    ws.close();
    await once(ws, 'close');
  });

  it('can be left alone', async () => {
    const { server, port } = await attach({ http2: false });
    expect(server.listenerCount('stream')).toBe(0);
    const stream = request(await openSession(`http://127.0.0.1:${port}`));
    await new Promise((resolve) => stream.on('close', resolve));
    expect(stream.rstCode).not.toBe(0);
  });

  it('is not had from a server that does not speak it, nor with what HTTP/1.1 alone has', () => {
    const code = (make: () => unknown) => {
      try {
        make();
      } catch (error) {
        return (error as { code?: string }).code;
      }
      return undefined;
    };
    expect(code(() => new WebSocketServer({ server: createHttpServer(), http2: true }))).toBe(
      'WS_ERR_NO_HTTP2',
    );
    for (const options of [{ agent: false as const }, { followRedirects: true }, { proxy: 'http://a:1' }]) {
      expect(code(() => new WebSocket('ws://127.0.0.1:1', { http2: true, ...options }))).toBe(
        'WS_ERR_HTTP2_OPTION',
      );
    }
  });
});

describe.each([
  ['attached to a server', () => attach()],
  ['on a port', () => startTestServer({ http2: true })],
] as const)('a WebSocketServer over HTTP/2, %s', (_name, start) => {
  it.each([
    ['a second head, which is no trailer', connectFrame(1)],
    ['a reset', h2Frame(RST_STREAM, 0, 1, Buffer.from([0, 0, 0, 8]))],
  ])('is not harmed by a request that comes with %s', async (_fault, bytes) => {
    const { wss, port } = await start();
    wss.on('connection', echo);
    const attacker = await attackServer(port);
    attacker.socket.write(Buffer.concat([connectFrame(1), bytes, h2Frame(PING, 0, 0, Buffer.alloc(8))]));
    await attacker.until(({ type, flags }) => type === PING && flags === ACK);
    const ws = await openClient(`ws://127.0.0.1:${port}/`, { http2: true });
    await expectEcho(ws, 'hello');
    attacker.socket.destroy();
  });
});
