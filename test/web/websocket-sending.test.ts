import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/web/index.ts';
import { echo, nextConnection, startTestServer } from '../behaviour/engine.ts';
import { parseFrames } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

function eventOf(ws: WebSocket, type: string): Promise<Event> {
  return new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));
}

/** A client whose server sends back what it gets. */
async function openEcho(): Promise<WebSocket> {
  const server = await startTestServer();
  server.wss.on('connection', echo);
  const ws = new WebSocket(server.url);
  ws.binaryType = 'arraybuffer';
  await eventOf(ws, 'open');
  return ws;
}

/** A client whose server is written by hand. */
async function openRaw(): Promise<{ ws: WebSocket; peer: RawPeer }> {
  const peers: RawPeer[] = [];
  const server = await serveRaw((peer, head) => {
    peers.push(peer);
    peer.socket.write(upgradeResponse(head));
  });
  onTestFinished(() => server.close());
  const ws = new WebSocket(server.url);
  await eventOf(ws, 'open');
  return { ws, peer: peers[0]! };
}

async function answer(ws: WebSocket): Promise<unknown> {
  const { data } = (await eventOf(ws, 'message')) as MessageEvent;
  return typeof data === 'string' ? data : [...new Uint8Array(data)];
}

describe('send', () => {
  it.each([
    ['', ''],
    ['text', 'text'],
    ['a\ud800b', 'a\ufffdb'],
    ['\ud83d\ude00', '\ud83d\ude00'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5, '5'],
    [{ toString: () => 'x' }, 'x'],
    [new Uint8Array([1, 2]).buffer, [1, 2]],
    [new Uint8Array([1, 2, 3, 4]).subarray(1, 3), [2, 3]],
    [new Uint16Array([0x0201, 0x0403]).subarray(1), [3, 4]],
    [new DataView(new Uint8Array([1, 2, 3]).buffer, 2), [3]],
    [new ArrayBuffer(0), []],
    [new Blob(['ab']), [97, 98]],
  ])('sends %o', async (data, received) => {
    const ws = await openEcho();
    ws.send(data as string);
    expect(await answer(ws)).toEqual(received);
  });

  it('keeps the order, Blobs among the rest', async () => {
    const ws = await openEcho();
    const received: unknown[] = [];
    ws.send('1');
    ws.send(new Blob([new Uint8Array([2])]));
    ws.send('3');
    ws.send(new Uint8Array([4]));
    for (let i = 0; i < 4; i++) received.push(await answer(ws));
    expect(received).toEqual(['1', [2], '3', [4]]);
  });

  it('sends the bytes of the moment of the call', async () => {
    const ws = await openEcho();
    const bytes = new Uint8Array([1]);
    ws.send(bytes);
    bytes[0] = 9;
    ws.send(new Blob([]));
    ws.send(bytes);
    bytes[0] = 8;
    expect([await answer(ws), await answer(ws), await answer(ws)]).toEqual([[1], [], [9]]);
  });

  it('is refused in CONNECTING, after its argument was converted', () => {
    const ws = new WebSocket('ws://127.0.0.1:25/');
    expect(() => ws.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => (ws.send as () => void)()).toThrow(TypeError);
    expect(() => ws.send(Symbol('x') as unknown as string)).toThrow(TypeError);
    expect(() => ws.send(new Uint8Array(new SharedArrayBuffer(1)))).toThrow(TypeError);
    expect(ws.bufferedAmount).toBe(0);
  });
});

describe('bufferedAmount', () => {
  it('grows in the call, and by the bytes of UTF-8', async () => {
    const { ws } = await openRaw();
    ws.send('x');
    ws.send('å\u5336\ud801\udc7e');
    expect(ws.bufferedAmount).toBe(1 + 2 + 3 + 4);
    ws.send('\ud800');
    ws.send(new Uint16Array(2));
    ws.send(new Blob(['abc']));
    expect(ws.bufferedAmount).toBe(10 + 3 + 4 + 3);
  });

  it('stays as it is for the whole task, and its promise reactions', async () => {
    const { ws, peer } = await openRaw();
    const amounts: number[] = [];
    await new Promise<void>((resolve) => {
      setImmediate(async () => {
        ws.send('hello');
        amounts.push(ws.bufferedAmount);
        for (let hop = 0; hop < 10; hop++) await undefined;
        amounts.push(ws.bufferedAmount);
        resolve();
      });
    });
    await peer.until((received) => parseFrames(received).length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    amounts.push(ws.bufferedAmount);
    expect(amounts).toEqual([5, 5, 0]);
  });

  it('does not go down while the peer does not read', async () => {
    const { ws, peer } = await openRaw();
    peer.socket.pause();
    const bytes = new Uint8Array(16 * 1024 * 1024);
    ws.send(bytes);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ws.bufferedAmount).toBe(bytes.length);
    const gone = eventOf(ws, 'close');
    peer.socket.destroy();
    await gone;
    // What never went out stays.
    expect(ws.bufferedAmount).toBe(bytes.length);
  });

  it('grows in CLOSING and CLOSED, where nothing is sent', async () => {
    const server = await startTestServer();
    const received: string[] = [];
    const serverEnd = nextConnection(server.wss, (peer) => {
      peer.on('message', (data) => received.push(String(data)));
    });
    const ws = new WebSocket(server.url);
    await eventOf(ws, 'open');
    await serverEnd;
    ws.close();
    ws.send('abc');
    ws.send(new Blob(['de']));
    expect(ws.bufferedAmount).toBe(5);
    await eventOf(ws, 'close');
    ws.send(new Uint8Array(1));
    expect(ws.bufferedAmount).toBe(6);
    expect(received).toEqual([]);
  });

  it('counts what is sent after close() in CONNECTING', async () => {
    const ws = new WebSocket('ws://127.0.0.1:25/');
    ws.close();
    ws.send('abc');
    expect(ws.bufferedAmount).toBe(3);
    await eventOf(ws, 'close');
    expect(ws.bufferedAmount).toBe(3);
  });
});
