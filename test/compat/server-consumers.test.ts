import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerOptions, WebSocket, type WebSocketServer } from 'ws';
import { SAMPLE_KEY } from '../handshake/wire.ts';
import { ENGINES, type Engine } from './engines.ts';
import { attempt, openClient, serve, stop } from './served.ts';

/** A connection's two ends in memory; neither is a net.Socket. */
function duplexPair(): [Duplex, Duplex] {
  class End extends Duplex {
    other!: End;
    override _read(): void {}
    override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
      this.other.push(chunk);
      process.nextTick(callback);
    }
    override _final(callback: () => void): void {
      this.other.push(null);
      callback();
    }
  }
  const ends: [End, End] = [new End(), new End()];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

interface Detached extends WebSocket {
  _isServer: boolean;
  setSocket(socket: Duplex, head: Buffer, options: { maxPayload: number }): void;
}

/** Makes an instance without a server to connect to. */
function detached({ WebSocket: Class }: Engine): Detached {
  return new (Class as unknown as new (...args: unknown[]) => Detached)(null, undefined, { isServer: false });
}

/** What @fastify/websocket's `injectWS` does: a client and a server without a network between them. */
function inject(
  engine: Engine,
  server: EventEmitter,
  headers: Record<string, unknown> = {},
  onInit = (_ws: Detached) => {},
) {
  const [clientEnd, serverEnd] = duplexPair();
  const ws = detached(engine);
  const head = Buffer.from([]);
  onInit(ws);
  const opened = new Promise<Detached>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      if (chunk.toString().includes('HTTP/1.1 101 Switching Protocols')) {
        ws._isServer = false;
        ws.setSocket(clientEnd, head, { maxPayload: 0 });
      } else {
        clientEnd.removeListener('data', onData);
        reject(new Error(`Unexpected server response: ${/ (\d{3})/.exec(chunk.toString())?.[1]}`));
      }
    };
    ws.on('open', () => {
      clientEnd.removeListener('data', onData);
      resolve(ws);
    });
    clientEnd.on('data', onData);
  });
  const request = {
    method: 'GET',
    headers: {
      ...headers,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': SAMPLE_KEY,
    },
    httpVersion: '1.1',
    url: '/',
  };
  server.emit('upgrade', request, serverEnd, head);
  onTestFinished(() => {
    clientEnd.destroy();
    serverEnd.destroy();
  });
  return opened;
}

describe.each(ENGINES)('what @fastify/websocket does with $name', (engine) => {
  it('makes an instance that waits for its socket', () => {
    const ws = detached(engine);
    expect([ws.readyState, ws.url, ws.protocol, ws.extensions]).toEqual([0, undefined, '', '']);
  });

  it('injects a connection: messages both ways, close and its code', async () => {
    const server = new EventEmitter();
    const wss = new engine.WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
    });
    wss.on('connection', (ws, request) => {
      expect(request.headers['x-from']).toBe('test');
      ws.on('message', (data, isBinary) => ws.send(`got ${data} ${isBinary}`));
    });
    const ws = await inject(engine, server, { 'x-from': 'test' });
    expect(ws.readyState).toBe(1);
    const message = once(ws, 'message');
    ws.send('hello');
    expect(String((await message)[0])).toBe('got hello false');
    const [socket] = wss.clients;
    const closed = Promise.all([once(ws, 'close'), once(socket!, 'close')]);
    ws.close(4001, 'bye');
    expect((await closed).map(([code, reason]) => [code, String(reason)])).toEqual([
      [4001, 'bye'],
      [4001, 'bye'],
    ]);
    expect(wss.clients.size).toBe(0);
  });

  it('injects one that the server ends', async () => {
    const server = new EventEmitter();
    const wss = new engine.WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      wss.handleUpgrade(request, socket, head, (ws) => {
        ws.send('welcome');
        ws.close(1001);
      });
    });
    const events = await new Promise<unknown[]>((resolve) => {
      const told: unknown[] = [];
      inject(engine, server, {}, (ws) => {
        ws.on('message', (data) => told.push(String(data)));
        ws.on('close', (code) => resolve([...told, code]));
      });
    });
    expect(events).toEqual(['welcome', 1001]);
  });

  it('injects one that is refused', async () => {
    const server = new EventEmitter();
    const wss = new engine.WebSocketServer({ noServer: true, path: '/other' });
    server.on('upgrade', (request, socket, head) => wss.handleUpgrade(request, socket, head, () => {}));
    await expect(inject(engine, server)).rejects.toThrow('Unexpected server response: 400');
  });
});

describe.each(ENGINES)('what webpack-dev-server does with $name', ({ WebSocketServer }) => {
  it('takes the upgrades that shouldHandle takes, and emits "connection" itself', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const wss = new WebSocketServer({ noServer: true, path: '/ws' });
    onTestFinished(() => stop(wss, http));
    const others: string[] = [];
    http.on('upgrade', (request, socket, head) => {
      if (!wss.shouldHandle(request)) return;
      wss.handleUpgrade(request, socket, head, (connection) => wss.emit('connection', connection, request));
    });
    http.on('upgrade', (request, socket) => {
      if (wss.shouldHandle(request)) return;
      others.push(request.url!);
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const connection = once(wss, 'connection');
    expect(await attempt(`${url}/ws?token=a`)).toEqual(['open', '']);
    expect((await connection)[1].url).toBe('/ws?token=a');
    expect(await attempt(`${url}/hmr`)).toEqual(['error', 'Unexpected server response: 404']);
    expect(others).toEqual(['/hmr']);
  });
});

describe.each(ENGINES)('what websocket-stream does with $name', (engine) => {
  it('extends Server, and emits events of its own', async () => {
    const { Server } = engine.module as unknown as { Server: typeof WebSocketServer };
    class StreamServer extends Server {
      constructor(options: ServerOptions, callback?: (message: string) => void) {
        super(options);
        let proxied = false;
        this.on('newListener', (event) => {
          if (proxied || event !== 'stream') return;
          proxied = true;
          this.on('connection', (ws, request) => {
            ws.on('message', (data) => this.emit('stream', String(data), request));
          });
        });
        if (callback) this.on('stream', callback);
      }
    }
    const told = new Promise<string>((resolve) => {
      const wss = new StreamServer({ port: 0, host: '127.0.0.1' }, resolve);
      onTestFinished(() => stop(wss));
      expect(wss).toBeInstanceOf(engine.WebSocketServer);
      wss.on('listening', async () => {
        const { port } = wss.address() as AddressInfo;
        (await openClient(`ws://127.0.0.1:${port}`)).send('streamed');
      });
    });
    expect(await told).toBe('streamed');
  });
});

describe.each(ENGINES)('what engine.io does with $name', (engine) => {
  it('takes each upgrade by hand, untracked, and attaches to the request', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const wss = new engine.WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: { threshold: 1024 },
      maxPayload: 1e6,
    });
    const connections: WebSocket[] = [];
    onTestFinished(async () => {
      for (const ws of connections) ws.terminate();
      await stop(wss, http);
    });
    // It sets headers through the event, as for the cookie of a session.
    wss.on('headers', (headers: string[], request: IncomingMessage) => {
      headers.push(`Set-Cookie: io=${request.url!.slice(1)}`);
    });
    http.on('upgrade', (request: IncomingMessage & { websocket?: WebSocket }, socket, head) => {
      wss.handleUpgrade(request, socket, head, (ws) => {
        request.websocket = ws;
        connections.push(ws);
        ws.on('message', (data, isBinary) => ws.send(data, { compress: true, binary: isBinary }));
      });
    });
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/sid`);
    const [[response]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
    expect(response.headers['set-cookie']).toEqual(['io=sid']);
    const message = once(client, 'message');
    client.send('x'.repeat(5000));
    expect(String((await message)[0])).toBe('x'.repeat(5000));
    const closed = once(client, 'close');
    client.close();
    await closed;
  });
});

describe.each(ENGINES)('what aedes and crossws do with $name', (engine) => {
  it('look at the socket beneath', async () => {
    const { wss, url } = await serve(engine);
    const connection = once(wss, 'connection');
    await openClient(url);
    const [ws, request] = await connection;
    expect(ws._socket).toBeInstanceOf(Socket);
    expect(ws._socket).toBe(request.socket);
    expect([ws._socket.remoteAddress, typeof ws._socket.remotePort, ws._socket.remoteFamily]).toEqual([
      '127.0.0.1',
      'number',
      'IPv4',
    ]);
    expect(ws._socket.listenerCount('error')).toBeGreaterThan(0);
    const drained = once(ws._socket, 'drain');
    const client = [...wss.clients][0]!;
    client.send(Buffer.alloc(8 * 1024 * 1024));
    await drained;
  });
});

describe.each(ENGINES)('what Nest and others do with $name', (engine) => {
  it('terminate all clients by a beat of pings', async () => {
    const { wss, url } = await serve(engine);
    const alive = new Map<WebSocket, boolean>();
    wss.on('connection', (ws) => {
      alive.set(ws, true);
      ws.on('pong', () => alive.set(ws, true));
    });
    const answering = await openClient(url);
    const silent = await openClient(url, [], { autoPong: false });
    const beat = () => {
      for (const ws of wss.clients) {
        if (!alive.get(ws)) ws.terminate();
        else {
          alive.set(ws, false);
          ws.ping();
        }
      }
    };
    const pinged = Promise.all([once(answering, 'ping'), once(silent, 'ping')]);
    const ponged = Promise.race([...wss.clients].map((ws) => once(ws, 'pong')));
    beat();
    await Promise.all([pinged, ponged]);
    const closed = once(silent, 'close');
    beat();
    expect((await closed)[0]).toBe(1006);
    expect(answering.readyState).toBe(1);
  });

  it('broadcast to the others', async () => {
    const { wss, url } = await serve(engine);
    wss.on('connection', (ws) => {
      ws.on('message', (data, isBinary) => {
        for (const client of wss.clients) {
          if (client !== ws && client.readyState === engine.WebSocket.OPEN)
            client.send(data, { binary: isBinary });
        }
      });
    });
    const clients = await Promise.all([openClient(url), openClient(url), openClient(url)]);
    const got = Promise.all(clients.slice(1).map((client) => once(client, 'message')));
    clients[0]!.send('to all');
    expect((await got).map(([data]) => String(data))).toEqual(['to all', 'to all']);
  });
});
