import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import * as theirs from 'ws';
import { WebSocket } from '../../src/api/websocket.ts';
import { WebSocketServer } from '../../src/api/websocket-server.ts';

const CHUNKS = Array.from({ length: 500 }, (_, i) => `chunk ${i} with ü, `.repeat(1 + (i % 200)));

const urlOf = (server: { address(): unknown }): string =>
  `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

it.each([true, false])(
  'ws receives what sendStream sends; perMessageDeflate: %s',
  async (perMessageDeflate) => {
    const wss = new theirs.WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
    onTestFinished(() => void wss.close());
    await once(wss, 'listening');
    const client = new WebSocket(urlOf(wss));
    const [[server]] = await Promise.all([once(wss, 'connection'), client.opened]);
    const message = once(server, 'message');
    await client.sendStream(CHUNKS);
    const [data, isBinary] = await message;
    expect([String(data) === CHUNKS.join(''), isBinary]).toEqual([true, false]);
    client.terminate();
  },
);

it.each([true, false])(
  'messageStreams has what ws sends; perMessageDeflate: %s',
  async (perMessageDeflate) => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
    onTestFinished(() => void wss.close());
    await once(wss, 'listening');
    const client = new theirs.WebSocket(urlOf(wss));
    const [[server]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]);
    const streams = (server as WebSocket).messageStreams();
    CHUNKS.forEach((chunk, i) => {
      client.send(chunk, { fin: i === CHUNKS.length - 1 });
      if (i % 50 === 0) client.ping();
    });
    client.send('next');
    expect((await text((await streams.next()).value)) === CHUNKS.join('')).toBe(true);
    expect(await text((await streams.next()).value)).toBe('next');
    client.terminate();
  },
);
