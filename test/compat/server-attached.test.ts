import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ServerOptions, WebSocket } from 'ws';
import { makeCertificate } from '../e2e/certificate.ts';
import { ENGINES, type Engine } from './engines.ts';
import { attempt, stop } from './served.ts';

const certificate = makeCertificate();

function attach(engine: Engine, http: HttpServer, options: ServerOptions = {}) {
  const wss = new engine.WebSocketServer({ ...options, server: http });
  onTestFinished(() => stop(wss, http));
  return wss;
}

function portOf(http: HttpServer): number {
  return (http.address() as AddressInfo).port;
}

/** Sends a message to a server that sends back, and returns what comes. */
async function echoed(...args: ConstructorParameters<typeof WebSocket>): Promise<string> {
  const ws = new WebSocket(...args);
  const closed = once(ws, 'close');
  const message = once(ws, 'message');
  ws.on('open', () => ws.send('hello'));
  const [data] = await message;
  ws.close();
  await closed;
  return String(data);
}

/** A path for a unix socket, gone after the test. */
function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'ws.sock');
}

describe.each(ENGINES)('$name on a given server', (engine) => {
  it('that listens already', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const wss = attach(engine, http);
    wss.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
    expect(await echoed(`ws://127.0.0.1:${portOf(http)}`)).toBe('hello');
  });

  it('that listens later: forwards "listening"', async () => {
    const http = createServer();
    const wss = attach(engine, http);
    const listening = once(wss, 'listening');
    http.listen(0, '127.0.0.1');
    expect(await listening).toEqual([]);
    expect(await attempt(`ws://127.0.0.1:${portOf(http)}`)).toEqual(['open', '']);
  });

  it('forwards "error"', () => {
    const http = createServer();
    const wss = attach(engine, http);
    const error = new Error('of the server');
    const told = vi.fn();
    wss.on('error', told);
    http.emit('error', error);
    expect(told).toHaveBeenCalledExactlyOnceWith(error);
  });

  it('forwards "error" of a taken port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const http = createServer();
    const wss = attach(engine, http);
    const told = once(wss, 'error');
    http.listen(portOf(taken), '127.0.0.1');
    expect((await told)[0]).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('throws a forwarded "error" that nobody listens to', () => {
    const http = createServer();
    attach(engine, http);
    expect(() => http.emit('error', new Error('of the server'))).toThrow('of the server');
  });

  it('does not start it', () => {
    const http = createServer();
    attach(engine, http);
    expect(http.listening).toBe(false);
  });

  it('has its requests, and it answers the ordinary ones', async () => {
    const http = createServer((_request, response) => response.end('page')).listen(0, '127.0.0.1');
    await once(http, 'listening');
    attach(engine, http);
    const response = await fetch(`http://127.0.0.1:${portOf(http)}`, { headers: { connection: 'close' } });
    expect(await response.text()).toBe('page');
    expect(await attempt(`ws://127.0.0.1:${portOf(http)}`)).toEqual(['open', '']);
  });

  it('with TLS: is secure, and its request has the TLS socket', async () => {
    const http = createHttpsServer(certificate).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const secure: boolean[] = [];
    const wss = attach(engine, http as unknown as HttpServer, {
      verifyClient: (info: { secure: boolean }) => secure.push(info.secure) > 0,
    });
    wss.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
    const connection = once(wss, 'connection');
    const { port } = http.address() as AddressInfo;
    expect(await echoed(`wss://127.0.0.1:${port}`, [], { rejectUnauthorized: false })).toBe('hello');
    const [, request] = await connection;
    expect([secure, (request.socket as TLSSocket).encrypted]).toEqual([[true], true]);
  });

  it.skipIf(process.platform === 'win32')('on a unix socket', async () => {
    const path = socketPath();
    const http = createServer().listen(path);
    await once(http, 'listening');
    const wss = attach(engine, http, { path: '/chat' });
    expect(wss.address()).toBe(path);
    wss.on('connection', (ws, request) => {
      ws.on('message', (data) => ws.send(`${data} from ${request.url}, ${request.socket.remoteAddress}`));
    });
    expect(await echoed(`ws+unix:${path}:/chat?a=b`)).toBe('hello from /chat?a=b, undefined');
    expect(await attempt(`ws+unix:${path}:/foo`)).toEqual(['error', 'Unexpected server response: 400']);
  });

  it.skipIf(process.platform === 'win32')('on a unix socket of its own, given as port', async () => {
    const path = socketPath();
    const wss = new engine.WebSocketServer({ port: path as unknown as number });
    onTestFinished(() => stop(wss));
    await once(wss, 'listening');
    expect(wss.address()).toBe(path);
    expect(await attempt(`ws+unix:${path}`)).toEqual(['open', '']);
  });

  it('shares it with others by path, through noServer', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const one = new engine.WebSocketServer({ noServer: true });
    const two = new engine.WebSocketServer({ noServer: true });
    onTestFinished(async () => {
      await stop(one, http);
      await stop(two);
    });
    http.on('upgrade', (request, socket, head) => {
      const wss = { '/one': one, '/two': two }[request.url!];
      if (wss === undefined) socket.destroy();
      else wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
    });
    one.on('connection', (ws) => ws.on('message', () => ws.send('from one')));
    two.on('connection', (ws) => ws.on('message', () => ws.send('from two')));
    const url = `ws://127.0.0.1:${portOf(http)}`;
    expect([await echoed(`${url}/one`), await echoed(`${url}/two`)]).toEqual(['from one', 'from two']);
    expect(await attempt(`${url}/three`)).toEqual(['error', 'socket hang up']);
  });

  it('goes on beside other listeners of "upgrade"', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const others = vi.fn();
    http.on('upgrade', others);
    attach(engine, http);
    expect(await attempt(`ws://127.0.0.1:${portOf(http)}`)).toEqual(['open', '']);
    expect(others).toHaveBeenCalledOnce();
  });
});
