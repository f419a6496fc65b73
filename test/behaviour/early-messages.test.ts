import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createWebSocketStream, type ServerOptions, type WebSocket } from '../../src/index.ts';
import { ending, nextConnection, openClient, startTestServer } from './engine.ts';
import { frame, parseFrames } from './raw-frames.ts';
import { serveRaw, upgradeRaw, upgradeResponse } from './raw-peer.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A connection to which nobody listens, of a raw peer whose messages have come: so says the ping behind them. */
async function openUnheard(messages: readonly string[], options: ServerOptions = {}) {
  const server = await startTestServer(options);
  const accepted = nextConnection(server.wss, (ws) => ({ ws, pinged: once(ws, 'ping') }));
  const peer = await upgradeRaw(server.port);
  const { ws, pinged } = await accepted;
  for (const message of messages) peer.socket.write(frame(0x81, message, true));
  peer.socket.write(frame(0x89, '', true));
  return { ws, peer, pinged };
}

function collect(ws: WebSocket): string[] {
  const got: string[] = [];
  ws.on('message', (data) => got.push(String(data)));
  return got;
}

describe('messages that come before anybody listens', () => {
  it.each<[string, (ws: WebSocket, got: string[]) => void]>([
    ['on', (ws, got) => ws.on('message', (data) => got.push(String(data)))],
    ['addEventListener', (ws, got) => ws.addEventListener('message', ({ data }) => got.push(String(data)))],
    [
      'onmessage',
      (ws, got) => {
        ws.onmessage = ({ data }) => got.push(String(data));
      },
    ],
  ])('are told in order to the first listener: %s', async (_name, listen) => {
    const { ws, peer, pinged } = await openUnheard(['a', 'b']);
    await pinged;
    const got: string[] = [];
    listen(ws, got);
    await nextTurn();
    peer.socket.write(frame(0x81, 'c', true));
    await once(ws, 'message');
    expect(got).toEqual(['a', 'b', 'c']);
    expect(ws.listenerCount('newListener')).toBe(0);
  });

  it('are there for a client that waited for the open', async () => {
    const server = await serveRaw((peer, head) => {
      const greeting = frame(0x81, 'at once', false);
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), greeting]));
    });
    const ws = await openClient(server.url);
    await nextTurn();
    const [data] = await once(ws, 'message');
    expect(String(data)).toBe('at once');
    ws.terminate();
    await once(ws, 'close');
    await server.close();
  });

  it('are there one by one for who asks one by one', async () => {
    const { ws, pinged } = await openUnheard(['user', 'password']);
    await pinged;
    const [user] = await once(ws, 'message');
    const [password] = await once(ws, 'message');
    expect([String(user), String(password)]).toEqual(['user', 'password']);
  });

  it('go through a stream that is made late, and that nobody reads yet', async () => {
    const { ws, peer, pinged } = await openUnheard(['a'.repeat(20_000), 'b'.repeat(20_000), 'c']);
    await pinged;
    const stream = createWebSocketStream(ws, { readableHighWaterMark: 10_000, encoding: 'utf8' });
    await nextTurn();
    expect(ws.isPaused).toBe(true);
    peer.socket.end(frame(0x88, '', true));
    let got = '';
    for await (const chunk of stream) got += chunk;
    expect(got).toBe(`${'a'.repeat(20_000)}${'b'.repeat(20_000)}c`);
  });

  it('do not keep pings from being answered, nor the end from being told', async () => {
    const { ws, peer, pinged } = await openUnheard(['a']);
    await pinged;
    await peer.until((received) => parseFrames(received).some(({ opcode }) => opcode === 10));
    const end = ending(ws);
    peer.socket.write(frame(0x88, Buffer.from([0x03, 0xe8]), true));
    expect(await end).toEqual([['close', 1000, '']]);
    const got = collect(ws);
    await nextTurn();
    expect(got).toEqual(['a']);
  });

  it('stop the reading when they are many, and nothing is lost', async () => {
    const { ws, peer } = await openUnheard(['a', 'b', 'c', 'd'], { maxEarlyMessageBytes: 300 });
    let pings = 0;
    ws.on('ping', () => pings++);
    // The last write has come when the one before has been read: what is held is behind both.
    peer.socket.write(frame(0x81, 'e', true));
    await nextTurn();
    const got = collect(ws);
    await once(ws, 'ping');
    while (got.length < 5) await once(ws, 'message');
    expect([got, pings]).toEqual([['a', 'b', 'c', 'd', 'e'], 1]);
  });

  it('are dropped in time where nobody wants them: a program that only sends goes on', async () => {
    const limits = { maxEarlyMessageBytes: 1, earlyMessageTimeoutMs: 1 };
    const { ws, peer, pinged } = await openUnheard(['a', 'b'], limits);
    await pinged;
    const got = collect(ws);
    peer.socket.write(frame(0x81, 'c', true));
    await once(ws, 'message');
    expect(got).toEqual(['c']);
  });

  it('do not keep close() from ending, when they are too many', async () => {
    const { ws, peer } = await openUnheard(['a', 'b'], { maxEarlyMessageBytes: 1 });
    const end = ending(ws);
    ws.close(1000);
    await peer.until((received) => parseFrames(received).some(({ opcode }) => opcode === 8));
    peer.socket.write(frame(0x88, Buffer.from([0x03, 0xe8]), true));
    expect(await end).toEqual([['close', 1000, '']]);
  });

  it('are not held once one was told', async () => {
    const { ws, peer, pinged } = await openUnheard([]);
    await pinged;
    const first = once(ws, 'message');
    peer.socket.write(frame(0x81, 'heard', true));
    await first;
    const behind = once(ws, 'ping');
    peer.socket.write(Buffer.concat([frame(0x81, 'unheard', true), frame(0x89, '', true)]));
    await behind;
    const got = collect(ws);
    peer.socket.write(frame(0x81, 'heard again', true));
    await once(ws, 'message');
    expect(got).toEqual(['heard again']);
  });
});
