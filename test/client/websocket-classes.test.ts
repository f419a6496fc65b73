import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as NodeWebSocket } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket as Ws } from 'ws';
import { HubClient, ReconnectingWebSocket, type WebSocketClass } from '../../src/client/index.ts';
import { WebSocket as Hawser, WebSocketServer } from '../../src/index.ts';
import { WebSocket as Web } from '../../src/web/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { next } from './connected-client.ts';
import { Cutter } from './cutter.ts';

// Which WebSocket it is makes no difference.

const CLASSES: Array<[string, WebSocketClass]> = [
  ['hawser/web', Web],
  ['hawser', Hawser],
  ['ws', Ws],
  ['undici, which is that of Node 22', NodeWebSocket as unknown as WebSocketClass],
];

describe.each(CLASSES)('with %s', (_, WebSocket) => {
  it('a ReconnectingWebSocket gives up an attempt, connects, and comes back', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (ws) =>
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })),
    );
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ws = new ReconnectingWebSocket(url, [], { WebSocket, minDelayMs: 1 });
    onTestFinished(() => {
      ws.close();
      for (const each of server.clients) each.terminate();
      server.close();
    });
    ws.binaryType = 'arraybuffer';
    ws.reconnect();
    const got: unknown[] = [];
    for (const message of ['text', Uint8Array.of(1, 2)]) {
      ws.send(message);
      const { data } = await new Promise<MessageEvent>((resolve) => {
        ws.addEventListener('message', resolve, { once: true });
      });
      got.push(data);
    }
    expect(got).toEqual(['text', Uint8Array.of(1, 2).buffer]);
    const connected = new Promise((resolve) => ws.on('connected', resolve));
    for (const each of server.clients) each.terminate();
    await connected;
    expect(ws.state).toBe('connected');
  });

  it('a HubClient goes on with its session', async () => {
    const { hub, url } = await serveHub();
    const cutter = await Cutter.before(url);
    const client = new HubClient(cutter.url, { WebSocket, minDelayMs: 1 });
    onTestFinished(() => client.close());
    await next(client, 'connected');
    const got = new Promise((resolve) => client.on('bytes', resolve));
    hub.emit('bytes', Uint8Array.of(7));
    expect(await got).toEqual(Uint8Array.of(7));
    cutter.cut();
    expect(await next(client, 'connected')).toMatchObject({ resumed: true });
  });
});
