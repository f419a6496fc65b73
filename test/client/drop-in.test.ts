import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as PartySocket } from 'partysocket';
import Abandoned from 'reconnecting-websocket';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type FamiliarOptions,
  type ReconnectingOptions,
  ReconnectingWebSocket,
} from '../../src/client/index.ts';
import { type WebSocket as ServerSocket, WebSocketServer } from '../../src/index.ts';
import { WebSocket } from '../../src/web/index.ts';

// What programs do with reconnecting-websocket and with partysocket, and with ours in their place.

type Options = FamiliarOptions & Pick<ReconnectingOptions, 'WebSocket' | 'maxRetries' | 'startClosed'>;
type Class = new (
  url: string | (() => string | Promise<string>),
  protocols?: string | string[],
  options?: Options,
) => Pick<
  ReconnectingWebSocket,
  | 'addEventListener'
  | 'close'
  | 'onclose'
  | 'onmessage'
  | 'onopen'
  | 'readyState'
  | 'reconnect'
  | 'send'
  | 'url'
  | 'protocol'
> & { binaryType: string; bufferedAmount: number; retryCount: number };

const CLASSES: Array<[string, Class]> = [
  ['reconnecting-websocket', Abandoned as unknown as Class],
  ['partysocket', PartySocket as unknown as Class],
  ['hawser/client', ReconnectingWebSocket as unknown as Class],
];

const OPTIONS: Options = {
  WebSocket,
  minReconnectionDelay: 1,
  maxReconnectionDelay: 5,
  reconnectionDelayGrowFactor: 1,
  minUptime: 0,
  connectionTimeout: 10_000,
};

async function serve() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const connections: ServerSocket[] = [];
  const messages: string[] = [];
  server.on('connection', (ws) => {
    connections.push(ws);
    ws.on('message', (data) => messages.push(String(data)));
  });
  onTestFinished(() => {
    for (const ws of connections) ws.terminate();
    server.close();
  });
  await once(server, 'listening');
  return { server, connections, messages, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describe.each(CLASSES)('%s', (_, Class) => {
  function create(
    url: ConstructorParameters<Class>[0],
    options: Options = {},
    protocols: string | string[] = [],
  ) {
    const ws = new Class(url, protocols, { ...OPTIONS, ...options });
    onTestFinished(() => ws.close());
    return ws;
  }
  const opened = (ws: InstanceType<Class>) => new Promise((resolve) => ws.addEventListener('open', resolve));

  it('sends what was sent before it was open, and gets messages', async () => {
    const { server, messages, url } = await serve();
    const ws = create(url);
    ws.send('early');
    const [peer] = await once(server, 'connection');
    await once(peer, 'message');
    const got = new Promise((resolve) => {
      ws.onmessage = ({ data }) => resolve(data);
    });
    peer.send('hello');
    expect([await got, messages, ws.readyState]).toEqual(['hello', ['early'], 1]);
  });

  it('comes back with the same events, and sends in order what was sent meanwhile', async () => {
    const { connections, server, messages, url } = await serve();
    const ws = create(url);
    const log: string[] = [];
    ws.onopen = () => log.push('open');
    ws.onclose = ({ code }) => log.push(`close ${code}`);
    await opened(ws);
    const closed = new Promise((resolve) => ws.addEventListener('close', resolve));
    connections[0]!.close(1012);
    await closed;
    for (const text of ['a', 'b', 'c']) ws.send(text);
    const [peer] = await once(server, 'connection');
    while (messages.length < 3) await once(peer, 'message');
    await new Promise((resolve) => setImmediate(resolve));
    expect([messages, log]).toEqual([
      ['a', 'b', 'c'],
      ['open', 'close 1012', 'open'],
    ]);
  });

  it('asks a function for the URL at each attempt', async () => {
    const { connections, url } = await serve();
    let calls = 0;
    const ws = create(async () => `${url}?token=${++calls}`);
    await opened(ws);
    const again = opened(ws);
    connections[0]!.terminate();
    await again;
    expect([calls, ws.url]).toEqual([2, `${url}?token=2`]);
  });

  it('has the attributes of a WebSocket', async () => {
    const { url } = await serve();
    const ws = create(url, {}, ['chat']);
    expect([ws.readyState, ws.bufferedAmount, ws.binaryType]).toEqual([0, 0, 'blob']);
    ws.send('abc');
    expect(ws.bufferedAmount).toBe(3);
    await opened(ws);
    ws.binaryType = 'arraybuffer';
    expect([ws.url, ws.protocol, ws.binaryType, ws.retryCount]).toEqual([url, 'chat', 'arraybuffer', 0]);
  });

  it('does not come back after close()', async () => {
    const { connections, url } = await serve();
    const ws = create(url);
    await opened(ws);
    const closed = new Promise<{ code: number }>((resolve) => {
      ws.onclose = resolve;
    });
    ws.close(1000, 'done');
    expect([(await closed).code, ws.readyState, connections.length]).toEqual([1000, 3, 1]);
  });

  it('starts closed, and connects when it is asked', async () => {
    const { url } = await serve();
    const ws = create(url, { startClosed: true });
    const open = opened(ws);
    ws.reconnect();
    await open;
    expect(ws.readyState).toBe(1);
  });
});
