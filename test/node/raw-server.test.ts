import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fastPathAllowed } from '../../src/node/fast-path/allowed.ts';
import { slabBytes } from '../../src/node/fast-path/slab.ts';
import { RawServer } from '../../src/node/raw-server.ts';
import { threeWays } from '../feed.ts';

type Upgraded = [request: IncomingMessage, socket: Socket, head: Buffer];

async function start(handshakeTimeout = 10_000) {
  const upgrades: Upgraded[] = [];
  const waiting: Array<(upgraded: Upgraded) => void> = [];
  const raw = new RawServer({ handshakeTimeout }, (...upgraded) => {
    upgrades.push(upgraded);
    waiting.shift()?.(upgraded);
  });
  raw.server.listen(0, '127.0.0.1');
  await once(raw.server, 'listening');
  onTestFinished(() => raw.close(() => {}));
  const { port } = raw.server.address() as AddressInfo;
  return {
    raw,
    port,
    nextUpgrade: () => new Promise<Upgraded>((resolve) => waiting.push(resolve)),
  };
}

async function answerTo(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('RawServer', () => {
  it('hands over requests to upgrade, with what came behind them', async () => {
    const { port, nextUpgrade } = await start();
    for (const chunks of threeWays(Buffer.from(UPGRADE))) {
      const upgrade = nextUpgrade();
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      for (const chunk of chunks) await new Promise((resolve) => socket.write(chunk, resolve));
      const [request, serverSocket, head] = await upgrade;
      expect([request.method, request.url, request.headers.host]).toEqual(['GET', '/chat', 'a']);
      expect(head.length).toBeLessThanOrEqual(1);
      serverSocket.destroy();
      socket.destroy();
    }
  });

  it.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 426],
    ['Upgrade that Connection does not name', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n', 426],
    ['an empty Upgrade', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade:\r\n\r\n', 426],
    ['no HTTP', '\u0016\u0003\u0001', 400],
    ['a bare line feed', 'GET / HTTP/1.1\n\n', 400],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['two lengths', UPGRADE.replace('\r\n\r\n', '\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'), 400],
    ['too long a head', `GET / HTTP/1.1\r\nA: ${'b'.repeat(17_000)}\r\n\r\n`, 431],
    ['too many headers', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(2001)}\r\n`, 431],
  ])('answers %s, and closes', async (_, request, status) => {
    const { port } = await start();
    const answer = await answerTo(port, request);
    expect(answer.split(' ')[1]).toBe(String(status));
    if (status === 426) expect(answer).toMatch(/\r\nUpgrade: websocket\r\n[\s\S]*\r\n\r\nUpgrade Required$/);
  });

  it('says when it answers, and tells HEAD only the length (RFC 9110 §6.6.1, §9.3.2)', async () => {
    const { port } = await start();
    const answer = await answerTo(port, 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).toMatch(/\r\nContent-Length: 16\r\n[\s\S]*\r\n\r\n$/);
    const [, date = ''] = /\r\nDate: (.*)\r\n/.exec(answer) ?? [];
    expect(new Date(date).toUTCString()).toBe(date);
  });

  it('answers a request with a long body, and the answer is not lost in a reset', async () => {
    const { port } = await start();
    const body = 'x'.repeat(4 * 1024 * 1024);
    const request = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect(await answerTo(port, request)).toMatch(/^HTTP\/1\.1 426 [\s\S]*\r\n\r\nUpgrade Required$/);
  });

  it('cuts off who goes on sending after the answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { port, raw } = await start();
    const accepted = once(raw.server, 'connection');
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    const [serverSocket] = await accepted;
    const ended = once(socket, 'end');
    socket.resume();
    await ended;
    expect(serverSocket.destroyed).toBe(false);
    const closed = once(serverSocket, 'close');
    vi.advanceTimersByTime(2_000);
    await closed;
    socket.destroy();
  });

  it('lets others see what its sockets get', async () => {
    const { raw, port, nextUpgrade } = await start();
    let seen = '';
    raw.server.on('connection', (socket: Socket) => socket.on('data', (chunk) => (seen += chunk)));
    const upgrade = nextUpgrade();
    const socket = connect(port, '127.0.0.1');
    socket.write(UPGRADE);
    const [, serverSocket] = await upgrade;
    expect(seen).toBe(UPGRADE);
    serverSocket.destroy();
    socket.destroy();
  });

  it('leaves nothing of its own on a socket that it hands over', async () => {
    const { port, nextUpgrade } = await start();
    const upgrade = nextUpgrade();
    const socket = connect(port, '127.0.0.1');
    socket.write(UPGRADE);
    const [, serverSocket] = await upgrade;
    const names = ['data', 'close', 'error'] as const;
    expect(names.map((name) => serverSocket.listenerCount(name))).toEqual([0, 0, 0]);
    expect(serverSocket.readableFlowing).toBeFalsy();
    serverSocket.destroy();
    socket.destroy();
  });

  it('answers 408 to who does not finish in time', async () => {
    const { port } = await start(20);
    expect(await answerTo(port, 'GET / HTTP')).toMatch(/^HTTP\/1.1 408 /);
  });

  it('drops who has not asked for anything when it is closed', async () => {
    const { raw, port } = await start();
    const accepted = once(raw.server, 'connection');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await accepted;
    const gone = once(socket, 'close');
    await new Promise<void>((resolve) => raw.close(resolve));
    await gone;
  });

  it.each([false, true])(
    'has a socket that may become a session of HTTP/2 read by Node alone: %s',
    async (http2) => {
      const onConnect = http2 ? () => {} : undefined;
      const raw = new RawServer({ handshakeTimeout: 10_000, onConnect }, () => {});
      raw.server.listen(0, '127.0.0.1');
      await once(raw.server, 'listening');
      onTestFinished(() => raw.close(() => {}));
      const accepted = once(raw.server, 'connection') as Promise<[Socket]>;
      const socket = connect((raw.server.address() as AddressInfo).port, '127.0.0.1');
      onTestFinished(() => {
        socket.destroy();
      });
      const [near] = await accepted;
      const readsIntoSlab = Object.getOwnPropertySymbols(near).some(
        (symbol) => Reflect.get(near, symbol) === slabBytes(),
      );
      expect(readsIntoSlab).toBe(fastPathAllowed(undefined) && !http2);
    },
  );
});
