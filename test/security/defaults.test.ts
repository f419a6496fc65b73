import { once } from 'node:events';
import type { Server } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { backPressureOf, earlyMessageLimitsOf } from '../../src/api/back-pressure.ts';
import { connectionOptions } from '../../src/api/connection-options.ts';
import { heartbeatTimes } from '../../src/api/heartbeat-times.ts';
import { DEFAULTS } from '../../src/api/options.ts';
import { DEFAULT_HEAD_LIMITS } from '../../src/handshake/head-parser.ts';
import { WebSocket, type WebSocketServer } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { closeCodes, frame } from '../behaviour/raw-frames.ts';
import { connectRaw, type RawPeer, serveRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { next } from '../compat/connection-pair.ts';
import { attack, ended, lookedAt, MIB, repeated } from './attack.ts';

/** The status line of the answer to a request. */
async function answerTo(port: number, request: string): Promise<string> {
  const peer = await connectRaw(port);
  onTestFinished(() => void peer.socket.destroy());
  peer.socket.write(request);
  return (await peer.takeHead()).split('\r\n')[0]!;
}

/** The times of the timers that are started meanwhile, in milliseconds. */
function watchTimers(): () => Array<number | undefined> {
  const started = vi.spyOn(globalThis, 'setTimeout');
  return () => started.mock.calls.map(([, delay]) => delay);
}

/** A request that is answered 101, with a head of `length` bytes and `lines` headers. */
function requestOf({ length, lines }: { length?: number; lines?: number }): string {
  const plain = upgradeRequest();
  const more = lines === undefined ? '' : 'a:\r\n'.repeat(lines - (plain.split('\r\n').length - 3));
  const padding =
    length === undefined ? '' : `x: ${'x'.repeat(length - plain.length - 'x: \r\n'.length)}\r\n`;
  return `${plain.slice(0, -2)}${more}${padding}\r\n`;
}

/** Opens as many connections, but for their sockets. */
function pretendToHave(wss: WebSocketServer, count: number): void {
  const { clients } = wss;
  for (let i = 0; i < count; i++) clients.add({ readyState: 3 } as WebSocket);
  onTestFinished(() => clients.clear());
}

/** The first byte of a frame, and the length that it promises. */
function header(length: number): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.set([0x82, 0xff]);
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Waits for the Close frame, and ends the stream. */
async function closed(peer: RawPeer): Promise<void> {
  await peer.until((received) => closeCodes(received).length > 0);
  peer.socket.end();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('defaults', () => {
  it('maxHeadBytes', async () => {
    const { port } = await startTestServer();
    expect(await answerTo(port, requestOf({ length: 16_384 }))).toMatch(/ 101 /);
    expect(await answerTo(port, requestOf({ length: 16_385 }))).toMatch(/ 431 /);
  });

  it('maxHeaders', async () => {
    const { port } = await startTestServer();
    expect(await answerTo(port, requestOf({ lines: 2_000 }))).toMatch(/ 101 /);
    expect(await answerTo(port, requestOf({ lines: 2_001 }))).toMatch(/ 431 /);
  });

  it('serverHandshakeTimeout', async () => {
    const { port } = await startTestServer({ verifyClient: (_info, _decide) => {} });
    const timers = watchTimers();
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest());
    await vi.waitFor(() => expect(timers().filter((delay) => delay === 10_000)).toHaveLength(2));
    peer.socket.destroy();
    await peer.closed;
  });

  it('clientHandshakeTimeout', async () => {
    const { url } = await startTestServer();
    const timers = watchTimers();
    for (const options of [{}, { agent: false } as const]) {
      const ws = new WebSocket(url, options);
      expect(timers().pop()).toBe(30_000);
      await once(ws, 'open');
      ws.terminate();
    }
  });

  it('maxRedirects', async () => {
    let requests = 0;
    const server = await serveRaw(({ socket }) => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: /${++requests}\r\nContent-Length: 0\r\n\r\n`);
    });
    onTestFinished(() => server.close());
    await ended(new WebSocket(server.url, { followRedirects: true }));
    expect(requests).toBe(11);
  });

  it('protocolVersion', async () => {
    let head = '';
    const server = await serveRaw(({ socket }, request) => {
      head = request;
      socket.destroy();
    });
    onTestFinished(() => server.close());
    await ended(new WebSocket(server.url));
    expect(head).toContain('\r\nSec-WebSocket-Version: 13\r\n');
  });

  it('maxConnections', async () => {
    const { port, wss } = await startTestServer();
    expect((wss._server as Server).maxConnections).toBe(65_536 + 1_024);
    pretendToHave(wss, 65_535);
    expect(await answerTo(port, upgradeRequest())).toMatch(/ 101 /);
    expect(await answerTo(port, upgradeRequest())).toMatch(/ 503 /);
  });

  it('retryAfterSeconds', async () => {
    const { port, wss } = await startTestServer();
    pretendToHave(wss, 65_536);
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest());
    expect(await peer.takeHead()).toContain('\r\nRetry-After: 5\r\n');
  });

  it('maxPayload', async () => {
    const most = await attack('server');
    most.peer.socket.write(header(104_857_600));
    const more = await attack('server');
    const end = ended(more.socket);
    more.peer.socket.write(header(104_857_601));
    await closed(more.peer);
    expect([closeCodes(more.peer.received), await end]).toEqual([
      [1009],
      ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006],
    ]);
    expect(most.socket.readyState).toBe(most.socket.OPEN);
  });

  it('maxFragments', async () => {
    const { socket, peer } = await attack('server');
    const message = next(socket, 'message');
    const more = repeated(100_000, frame(0x00, 'x', true));
    peer.socket.write(Buffer.concat([frame(0x02, 'x', true), more, frame(0x80, 'x', true)]));
    expect((await message)[0]).toHaveLength(100_002);
  });

  it('maxBufferedChunks', () => {
    const { maxBufferedChunks } = connectionOptions('server', {}, undefined);
    expect(maxBufferedChunks).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('maxControlFramesPerSecond', async () => {
    const { socket, peer } = await attack('server');
    let pongs = 0;
    socket.on('pong', () => pongs++);
    const end = ended(socket);
    peer.socket.write(repeated(10_000, frame(0x8a, '', true)));
    await closed(peer);
    expect([closeCodes(peer.received), await end]).toEqual([
      [1008],
      ['WS_ERR_TOO_MANY_CONTROL_FRAMES', 1006],
    ]);
    expect(pongs).toBeGreaterThanOrEqual(1_000);
  });

  it('maxPendingAutoPongs', async () => {
    const { socket, peer } = await attack('server');
    let pings = 0;
    socket.on('ping', () => pings++);
    const end = ended(socket);
    peer.socket.pause();
    // More than the system takes: what is behind it is not written.
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(MIB));
    peer.socket.write(repeated(100, frame(0x89, '', true)));
    expect(await end).toEqual([1006]);
    expect(pings).toBe(61);
  });

  it('maxBufferedBytes', () => {
    expect(backPressureOf({}).maxBufferedBytes).toBe(134_217_728);
  });

  it('slowPeer', async () => {
    const { socket, peer } = await attack('server');
    const end = ended(socket);
    peer.socket.pause();
    const message = Buffer.alloc(MIB);
    let sent = 0;
    for (; socket.readyState === socket.OPEN && sent < 1_000; sent++) {
      socket.send(message);
      if (sent % 16 === 0) await new Promise(setImmediate);
    }
    expect(sent).toBeGreaterThanOrEqual(128);
    peer.socket.resume();
    await closed(peer);
    expect([closeCodes(peer.received), await end]).toEqual([[1013], ['WS_ERR_SLOW_PEER', 1006]]);
  });

  it('highWaterMarkBytes', () => {
    expect(backPressureOf({}).highWaterMarkBytes).toBe(65_536);
  });

  it('lowWaterMarkBytes', () => {
    expect(backPressureOf({}).lowWaterMarkBytes).toBe(16_384);
  });

  it('maxEarlyMessageBytes', () => {
    expect(earlyMessageLimitsOf({})?.maxBytes).toBe(1_048_576);
  });

  it('earlyMessageTimeoutMs', () => {
    expect(earlyMessageLimitsOf({})?.timeoutMs).toBe(10_000);
  });

  it('skipUTF8Validation', async () => {
    const { socket, peer } = await attack('server');
    const end = ended(socket);
    peer.socket.write(frame(0x81, Buffer.of(0xff), true));
    await closed(peer);
    expect(await end).toEqual(['WS_ERR_INVALID_UTF8', 1006]);
  });

  it('autoPong', async () => {
    const { peer } = await attack('server');
    await lookedAt(peer, frame(0x89, 'p', true));
  });

  it('allowSynchronousEvents', async () => {
    const { socket, peer } = await attack('server');
    const told: string[] = [];
    socket.on('message', (data) => {
      told.push(String(data));
      setImmediate(() => told.push(`after ${data}`));
    });
    peer.socket.write(Buffer.concat(['a', 'b'].map((text) => frame(0x81, text, true))));
    await vi.waitFor(() => expect(told).toHaveLength(4));
    expect(told).toEqual(['a', 'b', 'after a', 'after b']);
  });

  it('closeTimeout', async () => {
    const { socket } = await attack('server');
    const timers = watchTimers();
    socket.close();
    expect(timers()).toContain(30_000);
  });

  it('heartbeatIntervalMs', () => {
    expect(heartbeatTimes(true)?.intervalMs).toBe(30_000);
  });

  it('heartbeatTimeoutMs', () => {
    expect(heartbeatTimes(true)?.timeoutMs).toBe(15_000);
  });

  it('maxStreamedBytes', async () => {
    const { wss, url } = await startTestServer({ maxPayload: 1024 });
    const received = once(wss, 'connection').then(async ([ws]) => {
      for await (const stream of (ws as WebSocket).messageStreams()) {
        let length = 0;
        for await (const chunk of stream) length += (chunk as Buffer).length;
        return length;
      }
      return undefined;
    });
    const client = new WebSocket(url);
    onTestFinished(() => client.terminate());
    await once(client, 'open');
    // Nothing of it is held: neither `maxPayload` nor anything else bounds it.
    client.send(Buffer.alloc(4 * MIB));
    expect(await received).toBe(4 * MIB);
  });

  it('drainDeadlineMs', async () => {
    const { wss } = await startTestServer();
    const timers = watchTimers();
    const drained = wss.drain();
    expect(timers()).toContain(30_000);
    await drained;
  });

  it('are all of those that there are', ({ task }) => {
    const tested = task.suite!.tasks.map(({ name }) => name).filter((name) => name !== task.name);
    expect(tested.sort()).toEqual([...Object.keys(DEFAULTS), ...Object.keys(DEFAULT_HEAD_LIMITS)].sort());
  });
});
