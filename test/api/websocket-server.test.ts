import { once } from 'node:events';
import { createServer, request as httpRequest, IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { makeCertificate } from '../e2e/certificate.ts';

async function start(options: ServerOptions = {}) {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(wss, 'listening');
  onTestFinished(() => {
    for (const ws of wss.clients ?? []) ws.terminate();
    wss.close();
  });
  const { port } = wss.address() as AddressInfo;
  return { wss, url: `ws://127.0.0.1:${port}`, port };
}

/** What becomes of an attempt to connect. */
function outcome(ws: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    ws.on('open', () => {
      resolve(`open ${ws.protocol}`);
      ws.terminate();
    });
    ws.on('error', (error) => resolve(error.message));
  });
}

describe('WebSocketServer', () => {
  it.each([
    [{}],
    [undefined],
    [{ port: 0, noServer: true }],
    [{ server: createServer(), noServer: true }],
    [{ port: 0, server: createServer() }],
  ])('wants one of port, server and noServer', (options) => {
    expect(() => new WebSocketServer(options)).toThrow(
      new TypeError('One and only one of the "port", "server", or "noServer" options must be specified'),
    );
  });

  it('calls back when it listens, and emits connections with their requests', async () => {
    const wss = await new Promise<WebSocketServer>((resolve) => {
      const server: WebSocketServer = new WebSocketServer({ port: 0 }, () => resolve(server));
    });
    const ws = new WebSocket(`ws://localhost:${(wss.address() as AddressInfo).port}/a?b`);
    const [socket, request] = await once(wss, 'connection');
    expect([socket.readyState, wss.clients.has(socket)]).toEqual([WebSocket.OPEN, true]);
    expect(request).toBeInstanceOf(IncomingMessage);
    expect(request.url).toBe('/a?b');
    const gone = new Promise((resolve) => socket.on('close', () => resolve(wss.clients.size)));
    ws.on('open', () => ws.close());
    expect(await gone).toBe(0);
    await new Promise<unknown>((resolve) => wss.close(resolve));
    expect(wss.address()).toBeNull();
  });

  it('attaches to an http server, which goes on by itself', async () => {
    const server = createServer((_request, response) => response.end('page')).listen(0);
    const wss = new WebSocketServer({ server, path: '/ws' });
    await once(wss, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await outcome(new WebSocket(`ws://localhost:${port}/ws?x`))).toBe('open ');
    expect(await outcome(new WebSocket(`ws://localhost:${port}/other`))).toBe(
      'Unexpected server response: 400',
    );
    await new Promise<void>((resolve) => wss.close(() => resolve()));
    expect(server.listening).toBe(true);
    expect(server.listenerCount('upgrade')).toBe(0);
    server.close();
  });

  it('upgrades by hand, and no socket twice', async () => {
    const wss = new WebSocketServer({ noServer: true, clientTracking: false });
    expect(wss.clients).toBeUndefined();
    expect(() => wss.address()).toThrow('The server is operating in "noServer" mode');
    const server = createServer().listen(0);
    const upgraded = new Promise<void>((resolve) => {
      server.on('upgrade', (request, socket, head) => {
        wss.handleUpgrade(request, socket, head, (ws) => {
          expect(() => wss.handleUpgrade(request, socket, head, () => {})).toThrow('more than once');
          ws.close(1000);
          resolve();
        });
      });
    });
    const ws = new WebSocket(`ws://localhost:${(server.address() as AddressInfo).port}`);
    await Promise.all([upgraded, once(ws, 'close')]);
    server.close();
  });

  it('asks verifyClient, which may call back', async () => {
    const byValue = await start({
      verifyClient: ({ origin, secure, req }) => origin === 'http://a' && !secure && !!req,
    });
    expect(await outcome(new WebSocket(byValue.url, { origin: 'http://a' }))).toBe('open ');
    expect(await outcome(new WebSocket(byValue.url))).toBe('Unexpected server response: 401');
    const byCallback = await start({
      verifyClient: (_info, callback) => process.nextTick(callback, false, 403, 'no', { 'X-Why': 'because' }),
    });
    const ws = new WebSocket(byCallback.url);
    const [, response] = await once(ws, 'unexpected-response');
    let body = '';
    for await (const chunk of response) body += chunk;
    expect([response.statusCode, response.headers['x-why'], body]).toEqual([403, 'because', 'no']);
    ws.on('error', () => {});
    ws.terminate();
  });

  it('chooses a subprotocol, by itself or by handleProtocols', async () => {
    const { url } = await start();
    expect(await outcome(new WebSocket(url, ['a', 'b']))).toBe('open a');
    const chosen = await start({ handleProtocols: (offered) => (offered.has('b') ? 'b' : false) });
    expect(await outcome(new WebSocket(chosen.url, ['a', 'b']))).toBe('open b');
    expect(await outcome(new WebSocket(chosen.url, 'a'))).toBe('Server sent no subprotocol');
  });

  it('lets headers be added to its answer', async () => {
    const { wss, url } = await start();
    wss.on('headers', (lines) => lines.push('X-Added: yes'));
    const ws = new WebSocket(url);
    const closed = once(ws, 'close');
    ws.on('open', () => ws.terminate());
    const [response] = await once(ws, 'upgrade');
    expect(response.headers['x-added']).toBe('yes');
    await closed;
  });

  it('hands bad requests to who listens for them', async () => {
    const { wss, port } = await start();
    wss.on('wsClientError', (error, socket) => socket.end(`HTTP/1.1 418 Teapot\r\n\r\n${error.message}`));
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      headers: { Connection: 'Upgrade', Upgrade: 'x' },
    });
    request.end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(418);
    response.resume();
  });

  it("closes behind the 'close' of its last connection, and has none then", async () => {
    const { wss, url } = await start();
    const told: string[] = [];
    wss.on('connection', (ws) => ws.on('close', () => told.push('connection')));
    const clients = [1, 2, 3].map(() => new WebSocket(url));
    await Promise.all(clients.map((ws) => once(ws, 'open')));
    for (const ws of clients) ws.close();
    await new Promise<void>((resolve) => wss.close(() => resolve()));
    expect([...told, wss.clients.size]).toEqual(['connection', 'connection', 'connection', 0]);
  });

  it('does not wait for a connection from which all listeners were taken', async () => {
    const { wss, url } = await start();
    const ws = new WebSocket(url);
    const [[connection]] = await Promise.all([once(wss, 'connection'), once(ws, 'open')]);
    (connection as WebSocket).removeAllListeners();
    ws.close();
    await new Promise<void>((resolve) => wss.close(() => resolve()));
  });

  it('takes no more when it is closed, waits for its clients, and closes once', async () => {
    const wss = new WebSocketServer({ noServer: true });
    const server = createServer().listen(0);
    server.on('upgrade', (request, socket, head) => wss.handleUpgrade(request, socket, head, () => {}));
    const url = `ws://localhost:${(server.address() as AddressInfo).port}`;
    const ws = new WebSocket(url);
    await once(ws, 'open');
    let closed = 0;
    wss.on('close', () => closed++);
    const done = new Promise<unknown>((resolve) => wss.close(resolve));
    wss.close();
    expect(await outcome(new WebSocket(url))).toBe('Unexpected server response: 503');
    expect(closed).toBe(0);
    ws.close();
    expect(await done).toBeUndefined();
    expect(closed).toBe(1);
    const again = await new Promise<Error | undefined>((resolve) => wss.close(resolve));
    expect(again?.message).toBe('The server is not running');
    server.close();
  });

  it('serves TLS by itself, and tells that it is secure', async () => {
    const secure: boolean[] = [];
    const { port, wss } = await start({
      tls: makeCertificate(),
      verifyClient: (info) => secure.push(info.secure) > 0,
    });
    const connection = once(wss, 'connection');
    expect(await outcome(new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false }))).toBe(
      'open ',
    );
    const [, request] = await connection;
    expect([secure, request.socket.encrypted]).toEqual([[true], true]);
  });

  it('tells a client that does not finish its request in time', async () => {
    const { port } = await start({ handshakeTimeout: 20 });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it('shows the server beneath, until it is closed', async () => {
    const { wss, port } = await start();
    expect(wss._server?.address()).toMatchObject({ port });
    wss.close();
    expect(wss._server).toBeNull();
  });

  it('refuses when a hook breaks its promise', async () => {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    onTestFinished(() => {
      for (const listener of others) process.on('unhandledRejection', listener);
    });
    const surfaced = once(process, 'unhandledRejection');
    const { wss, url } = await start();
    wss.shouldHandle = () => Promise.reject(new Error('no database'));
    expect(await outcome(new WebSocket(url))).toBe('Unexpected server response: 500');
    expect((await surfaced)[0]).toEqual(new Error('no database'));
  });
});
