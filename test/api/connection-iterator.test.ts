import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ConnectionIterator, MAX_WAITING_CONNECTIONS } from '../../src/api/connection-iterator.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { WebSocketServer } from '../../src/api/websocket-server.ts';
import { closeCodeOf, listening } from './open-pair.ts';

class FakeServer extends EventEmitter {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

describe('an iteration over a server', () => {
  it('has connections as they come, with all that they sent, and ends with the server', async () => {
    const { wss, url } = await listening();
    const connections = wss[Symbol.asyncIterator]();
    const texts = ['one', 'two', 'three'];
    const clients = texts.map((text) => {
      const ws = new WebSocket(url);
      ws.once('open', () => ws.send(text));
      return ws;
    });
    await Promise.all(clients.map((ws) => ws.opened));
    const got: string[] = [];
    for (const _ of texts) {
      const { value: ws } = await connections.next();
      got.push(String((await once(ws, 'message'))[0]));
    }
    expect(got.sort()).toEqual(texts.toSorted());
    for (const ws of clients) ws.close();
    wss.close();
    expect((await connections.next()).done).toBe(true);
    expect((await wss[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  it('closes the server when it is left, and the connections that wait with 1001', async () => {
    const { wss, url } = await listening();
    const connections = wss[Symbol.asyncIterator]();
    const clients = [new WebSocket(url), new WebSocket(url)];
    const codes = clients.map(closeCodeOf);
    await Promise.all(clients.map((ws) => ws.opened));
    const { value: first } = await connections.next();
    const closed = once(wss, 'close');
    await connections.return!();
    expect((await connections.next()).done).toBe(true);
    first.close(4000);
    await closed;
    expect((await Promise.all(codes)).sort()).toEqual([1001, 4000]);
  });

  it('rejects with the error of the server', async () => {
    const { wss } = await listening();
    const { port } = wss.address() as { port: number };
    const other = new WebSocketServer({ port, host: '127.0.0.1' });
    await expect(other[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is one at a time', async () => {
    const { wss } = await listening();
    const connections = wss[Symbol.asyncIterator]();
    expect(() => wss.streams()).toThrow(expect.objectContaining({ code: 'WS_ERR_ALREADY_ITERATED' }));
    await connections.return!();
  });
});

describe('ConnectionIterator', () => {
  it('is full with as many as may wait, which are paused', async () => {
    const server = new FakeServer();
    const log: string[] = [];
    const fake = { pause: () => log.push('pause'), resume: () => log.push('resume') };
    expect(ConnectionIterator.isFull(server)).toBe(false);
    const connections = new ConnectionIterator(server, false, (ws: WebSocket, request: string) => {
      log.push(request);
      return ws;
    });
    for (let i = 0; i < MAX_WAITING_CONNECTIONS; i++) {
      expect(ConnectionIterator.isFull(server)).toBe(false);
      server.emit('connection', fake, 'request');
    }
    expect(ConnectionIterator.isFull(server)).toBe(true);
    expect((await connections.next()).value).toBe(fake);
    expect(ConnectionIterator.isFull(server)).toBe(false);
    expect(log.slice(-2)).toEqual(['request', 'resume']);
    expect(log[0]).toBe('pause');
  });
});

describe('a server with a full iteration', () => {
  it('answers 503', async () => {
    const { wss, url } = await listening();
    const connections = wss[Symbol.asyncIterator]();
    const fake = { pause: () => {}, resume: () => {}, close: () => {} };
    for (let i = 0; i < MAX_WAITING_CONNECTIONS; i++)
      wss.emit('connection', fake as never, undefined as never);
    await expect(new WebSocket(url).opened).rejects.toThrow('503');
    await connections.return!();
  });
});
