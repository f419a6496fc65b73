import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connectRaw } from '../behaviour/raw-peer.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { attempt, type Mode, openClient, serve } from './served.ts';

const MODES: readonly Mode[] = ['port', 'server', 'noServer'];
const CLOSABLE = ENGINES.flatMap((engine) =>
  MODES.map((mode) => ({ engine, mode, name: `${engine.name} with ${mode}` })),
);

describe.each(CLOSABLE)('close() of $name', ({ engine, mode }) => {
  it.each([true, false])(
    'calls back on "close", which comes later and once (clientTracking: %s)',
    async (clientTracking) => {
      const { wss } = await serve(engine, { clientTracking }, mode);
      const events: string[] = [];
      wss.on('close', () => events.push('close'));
      const closed = new Promise<void>((resolve) => {
        wss.close((...args: unknown[]) => {
          events.push(`first ${args.length}`);
          resolve();
        });
      });
      wss.close((...args: unknown[]) => events.push(`second ${args.length}`));
      wss.close();
      expect(events).toEqual([]);
      await closed;
      await new Promise(setImmediate);
      expect(events).toEqual(['close', 'first 0', 'second 0']);
    },
  );

  it('works without a callback', async () => {
    const { wss } = await serve(engine, {}, mode);
    const closed = once(wss, 'close');
    wss.close();
    expect(await closed).toEqual([]);
  });

  it('tells each caller after the end, and emits "close" again', async () => {
    const { wss } = await serve(engine, {}, mode);
    await new Promise((resolve) => wss.close(resolve));
    let closes = 0;
    wss.on('close', () => closes++);
    const error = await new Promise<Error | undefined>((resolve) => wss.close(resolve));
    expect(error).toEqual(new Error('The server is not running'));
    expect(closes).toBe(1);
    const again = once(wss, 'close');
    wss.close();
    await again;
    expect(closes).toBe(2);
  });

  it('leaves the clients connected, and comes to its end when they are gone', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    const connection = once(wss, 'connection');
    const client = await openClient(url);
    const [socket] = await connection;
    const events: string[] = [];
    wss.on('close', () => events.push('server close'));
    const gone = new Promise<void>((resolve) => {
      socket.on('close', () => {
        events.push(`socket close, ${wss.clients.size} clients`);
        resolve();
      });
    });
    const closed = once(wss, 'close');
    wss.close();
    const echoed = once(client, 'message');
    socket.send('still here');
    expect(String((await echoed)[0])).toBe('still here');
    expect(events).toEqual([]);
    client.close();
    await Promise.all([closed, gone]);
    // Its own server only waits for the sockets beneath.
    expect(mode === 'port' ? events.sort().reverse() : events).toEqual([
      'socket close, 0 clients',
      'server close',
    ]);
  });

  it('ends at once where clients are not tracked and the server is not its own', async () => {
    const { wss, url } = await serve(engine, { clientTracking: false }, mode);
    const connection = once(wss, 'connection');
    const client = await openClient(url);
    const [socket] = await connection;
    const closed = once(wss, 'close');
    wss.close();
    if (mode === 'port') socket.terminate();
    await closed;
    if (mode !== 'port') expect(socket.readyState).toBe(WebSocket.OPEN);
    const gone = once(client, 'close');
    socket.terminate();
    await gone;
  });
});

describe.each(ENGINES)('close() of $name', (engine) => {
  it('takes no more connections to its own server', async () => {
    const { wss, url } = await serve(engine);
    const closed = once(wss, 'close');
    wss.close();
    const [event, message] = await attempt(url);
    expect([event, message]).toEqual(['error', expect.stringContaining('ECONNREFUSED')]);
    await closed;
  });

  it('ends its own server first', async () => {
    const { wss } = await serve(engine);
    const events: string[] = [];
    (wss as unknown as { _server: NodeJS.EventEmitter })._server.on('close', () => events.push('server'));
    const closed = once(wss, 'close');
    wss.on('close', () => events.push('wss'));
    wss.close();
    await closed;
    expect(events).toEqual(['server', 'wss']);
  });

  it('takes its listeners from the given server, and leaves that alone', async () => {
    const { wss, http } = await serve(engine, {}, 'server');
    const names = ['listening', 'error', 'upgrade'];
    const [listening, ,] = names.map((name) => http!.listenerCount(name));
    expect(names.slice(1).map((name) => http!.listenerCount(name))).toEqual([1, 1]);
    wss.close();
    expect(names.map((name) => http!.listenerCount(name))).toEqual([listening! - 1, 0, 0]);
    await once(wss, 'close');
    expect(http!.listening).toBe(true);
    const told = vi.fn();
    wss.on('error', told);
    http!.on('error', () => {});
    http!.emit('error', new Error('not for it'));
    expect(told).not.toHaveBeenCalled();
  });

  it('lets another server take over the given one', async () => {
    const { wss, http, url } = await serve(engine, {}, 'server');
    wss.close();
    const other = new engine.WebSocketServer({ server: http });
    onTestFinished(() => other.close());
    expect(await attempt(url)).toEqual(['open', '']);
  });

  it('may be called before the given server listens', async () => {
    const http = createServer();
    const wss = new engine.WebSocketServer({ server: http });
    await new Promise((resolve) => wss.close(resolve));
    expect(http.listenerCount('upgrade')).toBe(0);
  });

  it('may be called before its own server listens', async () => {
    const wss = new engine.WebSocketServer({ port: 0 });
    const closed = new Promise<unknown[]>((resolve) => wss.close((...args) => resolve(args)));
    expect(await closed).toEqual([]);
  });

  it('may be called in a listener of "connection"', async () => {
    const { wss, url } = await serve(engine);
    const closed = once(wss, 'close');
    wss.on('connection', () => wss.close());
    const client = await openClient(url);
    expect([client.readyState, wss.clients.size]).toEqual([WebSocket.OPEN, 1]);
    client.close();
    await closed;
  });

  it(difference('close-silent-peers'), async () => {
    const { wss, port } = await serve(engine);
    const accepted = once((wss as unknown as { _server: NodeJS.EventEmitter })._server, 'connection');
    const peer = await connectRaw(port);
    const [socket] = await accepted;
    const closed = once(wss, 'close');
    wss.close();
    if (engine.name === 'ws') {
      expect(socket.destroyed).toBe(false);
      peer.socket.destroy();
    } else {
      expect(socket.destroyed).toBe(true);
    }
    await Promise.all([closed, peer.closed]);
  });
});

describe.each(CLOSABLE)('clients of $name', ({ engine, mode }) => {
  it('has a socket from "connection" until its own "close"', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    const seen: Array<[string, number, boolean]> = [];
    const gone = new Promise<void>((resolve) => {
      wss.on('connection', (socket) => {
        seen.push(['connection', wss.clients.size, wss.clients.has(socket)]);
        socket.on('close', () => {
          seen.push(['close', wss.clients.size, wss.clients.has(socket)]);
          resolve();
        });
      });
    });
    expect(await attempt(url)).toEqual(['open', '']);
    await gone;
    expect(seen).toEqual([
      ['connection', 1, true],
      ['close', 0, false],
    ]);
    expect(wss.clients).toBeInstanceOf(Set);
  });
});
