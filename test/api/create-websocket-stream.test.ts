import { EventEmitter, once } from 'node:events';
import { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { createWebSocketStream, WebSocket } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { serveRaw } from '../behaviour/raw-peer.ts';

/** A stream on each end of a connection. */
async function pair(options?: ConstructorParameters<typeof Duplex>[0]) {
  const server = await startTestServer();
  const connected = once(server.wss, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(server.url);
  const near = createWebSocketStream(client, options);
  const [[ws]] = await Promise.all([connected, once(client, 'open')]);
  return { client, near, ws, far: createWebSocketStream(ws) };
}

describe('createWebSocketStream', () => {
  it('takes any emitter', () => {
    expect(createWebSocketStream(new EventEmitter() as WebSocket)).toBeInstanceOf(Duplex);
  });

  it('sends each chunk as a binary message, also those written before "open"', async () => {
    const server = await startTestServer();
    const stream = createWebSocketStream(new WebSocket(server.url));
    stream.write('one');
    stream.end('two');
    const [ws] = (await once(server.wss, 'connection')) as [WebSocket];
    const messages: unknown[] = [];
    ws.on('message', (data, isBinary) => messages.push(String(data), isBinary));
    await once(ws, 'close');
    expect(messages).toEqual(['one', true, 'two', true]);
  });

  it('gives messages as chunks, text as strings with readableObjectMode', async () => {
    const { near, ws } = await pair({ readableObjectMode: true });
    ws.send('text');
    ws.send(Buffer.from('bytes'));
    ws.close();
    const chunks = await near.toArray();
    expect(chunks).toEqual(['text', Buffer.from('bytes')]);
  });

  it('finishes when it is ended after the peer was gone without a Close frame', async () => {
    const { near, ws } = await pair();
    const ended = once(near, 'end');
    near.resume();
    ws.terminate();
    await ended;
    near.end();
    await finished(near);
  });

  it('makes the writer wait for the reader, and loses nothing', async () => {
    const { near, far, ws } = await pair();
    const chunk = Buffer.alloc(1 << 20, 'a');
    let count = 0;
    while (near.write(chunk) && count < 1000) count++;
    expect(count).toBeLessThan(1000);
    for (let i = count + 1; i < 32; i++) near.write(chunk);
    near.end();
    await once(far, 'readable');
    expect(ws.isPaused).toBe(true);
    let length = 0;
    far.on('data', (data: Buffer) => {
      length += data.length;
    });
    await finished(far, { writable: false });
    expect(length).toBe(32 * chunk.length);
  });

  it('is destroyed after both ends, with "close" as the last event', async () => {
    const { near, far } = await pair();
    const log: string[] = [];
    for (const name of ['finish', 'end', 'close']) near.on(name, () => log.push(name));
    near.resume();
    far.resume();
    near.end();
    await once(near, 'close');
    expect(log.sort()).toEqual(['close', 'end', 'finish']);
    expect(near.destroyed).toBe(true);
  });

  it('terminates when it is destroyed', async () => {
    const { near, far, ws } = await pair();
    far.resume();
    const closed = once(ws, 'close');
    near.destroy(new Error('of ours'));
    await expect(finished(near)).rejects.toThrow('of ours');
    expect((await closed)[0]).toBe(1006);
  });

  it('fails with the error of the handshake', async () => {
    const server = await serveRaw((peer) => peer.socket.end('HTTP/1.1 403 No\r\n\r\n'));
    const stream = createWebSocketStream(new WebSocket(server.url));
    stream.end();
    await expect(finished(stream)).rejects.toThrow('Unexpected server response: 403');
    server.close();
  });

  it('fails when it is written to too late', async () => {
    const { client, near } = await pair();
    client.terminate();
    await once(client, 'close');
    near.write('a');
    await expect(finished(near)).rejects.toThrow('WebSocket is not open: readyState 3 (CLOSED)');
  });

  it('is destroyed when the connection is cut before what was written is out', async () => {
    const { near, far, ws } = await pair();
    near.resume();
    far.destroy();
    near.end('a');
    await once(near, 'close');
    await once(ws, 'close').catch(() => {});
    expect(near.destroyed).toBe(true);
  });
});
