import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ServerOptions, WebSocket } from '../../src/index.ts';
import { createClient, ending, nextConnection, openClient, startTestServer } from './engine.ts';
import { parseFrames, type RawFrame } from './raw-frames.ts';
import { upgradeRaw } from './raw-peer.ts';

const MESSAGE_BYTES = 256 * 1024;
const FRAME_BYTES = MESSAGE_BYTES + 10;
/** More than the buffers of two sockets of this system take. */
const MANY = 64;

/** A peer that reads nothing until it is told to, and then much: what came is looked at when all is there. */
class StalledPeer {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket) {
    this.socket = socket.pause().removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    });
    socket.pause();
  }

  /** Reads `count` messages and `further` bytes of other frames. */
  async read(count: number, further = 0): Promise<RawFrame[]> {
    this.socket.resume();
    while (this.#length < count * FRAME_BYTES + further) await once(this.socket, 'data');
    return this.#frames();
  }

  async readAll(): Promise<RawFrame[]> {
    this.socket.resume();
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.#frames();
  }

  #frames(): RawFrame[] {
    return parseFrames(Buffer.concat(this.#chunks));
  }
}

/** A server's connection to a peer that reads nothing until it is told to. */
async function openStalled(options: ServerOptions = {}): Promise<{ ws: WebSocket; peer: StalledPeer }> {
  const server = await startTestServer(options);
  const accepted = nextConnection(server.wss, (ws) => ws);
  const peer = new StalledPeer((await upgradeRaw(server.port)).socket);
  return { ws: await accepted, peer };
}

/** A message that says which one it is. */
function message(index: number): Buffer {
  const bytes = Buffer.alloc(MESSAGE_BYTES, index);
  bytes.writeUInt32BE(index);
  return bytes;
}

/** Sends until nothing more goes into the socket: the rest waits with us. */
function sendMany(ws: WebSocket, count = MANY): Array<Promise<string | undefined>> {
  return Array.from(
    { length: count },
    (_, i) =>
      new Promise((resolve) => {
        ws.send(message(i), (error) => resolve((error as { code?: string } | undefined)?.code));
      }),
  );
}

function indexes(frames: readonly RawFrame[]): number[] {
  return frames.filter(({ opcode }) => opcode === 2).map(({ payload }) => payload.readUInt32BE());
}

function firstOnes(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe('back-pressure', () => {
  it('tells a sender when to wait, and when to go on', async () => {
    const { ws, peer } = await openStalled({ slowPeer: 'wait' });
    await ws.ready();
    expect(ws.writableNeedDrain).toBe(false);
    sendMany(ws);
    expect(ws.writableNeedDrain).toBe(true);
    const log: string[] = [];
    ws.on('drain', () => log.push(`drain ${ws.bufferedAmount <= 16_384} ${ws.writableNeedDrain}`));
    const ready = ws.ready().then(() => log.push('ready'));
    expect(ws.bufferedAmount).toBeGreaterThan(MANY * MESSAGE_BYTES - 1);
    peer.socket.resume();
    await ready;
    expect(log).toEqual(['drain true false', 'ready']);
    expect(indexes(await peer.read(MANY))).toEqual(firstOnes(MANY));
  });

  it('keeps a producer that waits within the marks', async () => {
    const { ws, peer } = await openStalled();
    let most = 0;
    const produced = (async () => {
      for (let i = 0; i < MANY; i++) {
        await ws.ready();
        ws.send(message(i));
        most = Math.max(most, ws.bufferedAmount);
      }
    })();
    peer.socket.resume();
    await produced;
    expect(indexes(await peer.read(MANY))).toEqual(firstOnes(MANY));
    expect(most).toBeLessThanOrEqual(65_536 + MESSAGE_BYTES + 14);
  });

  it('keeps only what fits into the socket there: the rest waits with us', async () => {
    const { ws } = await openStalled({ slowPeer: 'wait' });
    sendMany(ws);
    expect(ws._socket!.writableLength).toBeLessThanOrEqual(65_536 + MESSAGE_BYTES + 14);
  });

  it('lets pings and pongs go before what waits', async () => {
    const { ws, peer } = await openStalled({ slowPeer: 'wait' });
    sendMany(ws);
    ws.ping('p');
    const opcodes = (await peer.read(MANY, 3)).map(({ opcode }) => opcode);
    expect(opcodes).toHaveLength(MANY + 1);
    expect(opcodes.indexOf(9)).toBeGreaterThan(-1);
    expect(opcodes.indexOf(9)).toBeLessThan(MANY);
  });

  it('drops the oldest: whole messages, in order, told and counted', async () => {
    const { ws, peer } = await openStalled({ slowPeer: 'drop-oldest', maxBufferedBytes: 5 * MESSAGE_BYTES });
    const sent = sendMany(ws);
    expect(ws.droppedMessages).toBeGreaterThan(0);
    expect(ws.bufferedAmount).toBeLessThan(8 * MESSAGE_BYTES);
    peer.socket.resume();
    const codes = await Promise.all(sent);
    const dropped = codes.filter((code) => code === 'WS_ERR_MESSAGE_DROPPED');
    expect(dropped).toHaveLength(ws.droppedMessages);
    const kept = codes.flatMap((code, i) => (code === undefined ? [i] : []));
    expect(indexes(await peer.read(kept.length))).toEqual(kept);
    expect(kept.at(-1)).toBe(MANY - 1);
  });

  it('drops the newest', async () => {
    const { ws, peer } = await openStalled({ slowPeer: 'drop-newest', maxBufferedBytes: 5 * MESSAGE_BYTES });
    const sent = sendMany(ws);
    expect(ws.droppedMessages).toBeGreaterThan(0);
    peer.socket.resume();
    const codes = await Promise.all(sent);
    const kept = MANY - ws.droppedMessages;
    expect(indexes(await peer.read(kept))).toEqual(firstOnes(kept));
    expect(codes.slice(kept)).toEqual(Array(MANY - kept).fill('WS_ERR_MESSAGE_DROPPED'));
  });

  it.each([
    ['at once', true],
    ['in a thread', false],
  ])('drops messages compressed %s without harm to the context of those behind', async (_name, fastPath) => {
    const limits = { slowPeer: 'drop-oldest', maxBufferedBytes: 100_000 } as const;
    const server = await startTestServer({ ...limits, perMessageDeflate: true, fastPath });
    const accepted = nextConnection(server.wss, (ws) => ws);
    const client = await openClient(server.url);
    const ws = await accepted;
    const got: string[] = [];
    client.on('message', (data) => got.push(String(data)));
    client.pause();
    const texts = Array.from({ length: 600 }, (_, i) => `${i} ${randomBytes(8000).toString('hex')}`);
    for (const text of texts) ws.send(text);
    expect(ws.droppedMessages).toBeGreaterThan(0);
    ws.close(1000);
    client.resume();
    expect(await ending(client)).toEqual([['close', 1000, '']]);
    expect(got).toHaveLength(texts.length - ws.droppedMessages);
    const numbers = got.map((each) => Number.parseInt(each, 10));
    expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
    expect(got.every((each, i) => each === texts[numbers[i]!])).toBe(true);
  });

  it('closes with 1013, and frees what waits at once', async () => {
    const limits = { slowPeer: 'close', maxBufferedBytes: 5 * MESSAGE_BYTES, closeTimeout: 20 } as const;
    const { ws } = await openStalled(limits);
    const end = ending(ws);
    const sent = sendMany(ws);
    const waits = expect(ws.ready()).rejects.toMatchObject({ code: 'WS_ERR_NOT_OPEN' });
    expect(ws.bufferedAmount).toBeLessThan(3 * MESSAGE_BYTES);
    expect(await end).toEqual([
      ['error', 'WS_ERR_SLOW_PEER'],
      ['close', 1006, ''],
    ]);
    expect((await Promise.all(sent)).at(-1)).toBe('WS_ERR_SLOW_PEER');
    await waits;
    await expect(ws.ready()).rejects.toMatchObject({ code: 'WS_ERR_NOT_OPEN' });
  });

  it('tells a peer that reads after all why it was closed', async () => {
    const { ws, peer } = await openStalled({ maxBufferedBytes: 5 * MESSAGE_BYTES });
    sendMany(ws);
    const close = (await peer.readAll()).at(-1)!;
    expect([close.opcode, close.payload.readUInt16BE()]).toEqual([8, 1013]);
  });

  it('does not close for one message, however long, nor for one that waits behind it', async () => {
    const { ws, peer } = await openStalled({ maxBufferedBytes: 1000 });
    const huge = Buffer.alloc(16 * 1024 * 1024);
    ws.send(huge);
    ws.send(huge);
    peer.socket.resume();
    await ws.ready();
    expect(ws.readyState).toBe(1);
  });

  it('holds little for a peer that never reads while others are sent the same', async () => {
    const limits = { slowPeer: 'drop-oldest', maxBufferedBytes: 4 * MESSAGE_BYTES } as const;
    const server = await startTestServer(limits);
    const accepted = nextConnection(server.wss, (ws) => ws);
    const peer = await upgradeRaw(server.port);
    peer.socket.pause();
    const slow = await accepted;
    const reader = await openClient(server.url);
    let got = 0;
    const all = new Promise<void>((resolve) => {
      reader.on('message', () => {
        if (++got === 4 * MANY) resolve();
      });
    });
    const fast = [...server.wss.clients].find((ws) => ws !== slow)!;
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 4 * MANY; i++) {
      await fast.ready();
      server.wss.broadcast(message(i));
    }
    await all;
    expect(slow.bufferedAmount).toBeLessThan(8 * MESSAGE_BYTES);
    expect(slow.droppedMessages).toBeGreaterThan(MANY);
    // 64 MiB were sent.
    globalThis.gc?.();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 1024 * 1024);
  });

  it('ends within closeTimeout for a peer that reads nothing, and tells the callbacks', async () => {
    const { ws } = await openStalled({ slowPeer: 'wait', closeTimeout: 20 });
    const sent = sendMany(ws);
    const end = ending(ws);
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    await Promise.all(sent);
    expect(ws.bufferedAmount).toBe(0);
  });

  it('sends all that was sent before close()', async () => {
    const { ws, peer } = await openStalled({ slowPeer: 'wait' });
    sendMany(ws);
    ws.close(1000);
    const frames = await peer.read(MANY, 4);
    expect(indexes(frames)).toEqual(firstOnes(MANY));
    expect(frames.at(-1)!.opcode).toBe(8);
  });

  it('rejects who waits when the connection is terminated', async () => {
    const { ws } = await openStalled({ slowPeer: 'wait' });
    sendMany(ws);
    const ready = ws.ready();
    ws.terminate();
    await expect(ready).rejects.toMatchObject({ code: 'WS_ERR_NOT_OPEN' });
    await once(ws, 'close');
  });

  it('is ready when a client is open', async () => {
    const server = await startTestServer();
    const client = createClient(server.url);
    await client.ready();
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.terminate();
    await once(client, 'close');
  });
});
