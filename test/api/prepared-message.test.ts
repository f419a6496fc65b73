import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PreparedMessage, type ServerOptions, WebSocket, type WebSocketServer } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';

const LONG = 'a long text, '.repeat(100);

/** Clients of one server, all of them open on both sides. */
async function connect(count: number, options: ServerOptions = {}, client = {}) {
  const server = await startTestServer(options);
  const clients = Array.from({ length: count }, () => new WebSocket(server.url, client));
  const sockets: WebSocket[] = [];
  server.wss.on('connection', (ws) => sockets.push(ws));
  await Promise.all(clients.map((ws) => once(ws, 'open')));
  while (sockets.length < count) await once(server.wss, 'connection');
  return { wss: server.wss, clients, sockets };
}

/** What each client gets until it is closed. */
async function received(clients: readonly WebSocket[], send: () => void): Promise<unknown[][]> {
  const logs = clients.map((ws) => {
    const log: unknown[] = [];
    ws.on('message', (data, isBinary) => log.push(String(data), isBinary));
    return log;
  });
  send();
  await Promise.all(clients.map((ws) => once(ws, 'close')));
  return logs;
}

function closeAll(wss: WebSocketServer): void {
  for (const ws of wss.clients) ws.close();
}

describe('PreparedMessage', () => {
  it.each([
    ['text', {}, 'text', false],
    [Buffer.from('bytes'), {}, 'bytes', true],
    ['text as binary', { binary: true }, 'text as binary', true],
    [new Uint8Array([0x61]), { binary: false }, 'a', false],
    ['', {}, '', false],
    [LONG, {}, LONG, false],
    ['x'.repeat(100_000), {}, 'x'.repeat(100_000), false],
  ])('arrives as what it is made of: %.10s', async (data, options, text, isBinary) => {
    const { wss, clients, sockets } = await connect(2);
    const message = new PreparedMessage(data, options);
    expect(message.length).toBe(Buffer.byteLength(data as string));
    const logs = await received(clients, () => {
      for (const ws of sockets) ws.send(message);
      closeAll(wss);
    });
    expect(logs).toEqual([
      [text, isBinary],
      [text, isBinary],
    ]);
  });

  it('keeps its place between other messages, and calls back', async () => {
    const { wss, clients, sockets } = await connect(1);
    const message = new PreparedMessage('two');
    let called = 0;
    const logs = await received(clients, () => {
      sockets[0]!.send('one');
      sockets[0]!.send(message, () => called++);
      sockets[0]!.send('three', () => closeAll(wss));
    });
    expect(logs).toEqual([['one', false, 'two', false, 'three', false]]);
    expect(called).toBe(1);
  });

  it.each([
    ['a context for each connection', { threshold: 0 }],
    ['no context', { threshold: 0, serverNoContextTakeover: true }],
    [
      'no context, and another window',
      { threshold: 0, serverNoContextTakeover: true, serverMaxWindowBits: 9 },
    ],
  ])('is compressed where that was agreed: %s', async (_, perMessageDeflate) => {
    const { wss, clients, sockets } = await connect(2, { perMessageDeflate });
    const message = new PreparedMessage(LONG);
    const before = sockets.map((ws) => (ws._socket as unknown as { bytesWritten: number }).bytesWritten);
    const logs = await received(clients, () => {
      for (const ws of sockets) {
        ws.send(message);
        ws.send(LONG);
        ws.send(message);
      }
      closeAll(wss);
    });
    expect(logs).toEqual(Array(2).fill([LONG, false, LONG, false, LONG, false]));
    const written = sockets.map(
      (ws, i) => (ws._socket as unknown as { bytesWritten: number }).bytesWritten - before[i]!,
    );
    for (const bytes of written) expect(bytes).toBeLessThan(LONG.length / 4);
  });

  it('is sent by a client, too, and uncompressed when asked for that', async () => {
    const { clients, sockets } = await connect(1, { perMessageDeflate: { threshold: 0 } });
    const log: unknown[] = [];
    sockets[0]!.on('message', (data, isBinary) => log.push(String(data), isBinary));
    clients[0]!.send(new PreparedMessage('from a client'));
    clients[0]!.send(new PreparedMessage('as it is'), { compress: false });
    clients[0]!.close();
    await once(sockets[0]!, 'close');
    expect(log).toEqual(['from a client', false, 'as it is', false]);
  });

  it('is refused where there is no connection', async () => {
    const { sockets } = await connect(1);
    const [ws] = sockets as [WebSocket];
    ws.terminate();
    const error = await new Promise((resolve) => ws.send(new PreparedMessage('late'), resolve));
    expect(error).toMatchObject({ message: 'WebSocket is not open: readyState 2 (CLOSING)' });
  });
});

describe('broadcast', () => {
  it('sends to all, but for the exception and those that the filter leaves out', async () => {
    const { wss, clients, sockets } = await connect(4);
    const logs = await received(clients, () => {
      expect(wss.broadcast('to all')).toBe(4);
      expect(wss.broadcast('to others', { except: sockets[0]! })).toBe(3);
      expect(wss.broadcast(Buffer.from('to one'), { filter: (ws) => ws === sockets[1] })).toBe(1);
      expect(wss.broadcast(new PreparedMessage('prepared'))).toBe(4);
      closeAll(wss);
      expect(wss.broadcast('too late')).toBe(0);
    });
    const counts = logs.map((log) => log.filter((entry) => typeof entry === 'string'));
    expect(counts.map((log) => log.length).sort()).toEqual([2, 3, 3, 4]);
    for (const log of counts) {
      expect(log[0]).toBe('to all');
      expect(log.at(-1)).toBe('prepared');
    }
  });

  it('takes text as binary', async () => {
    const { wss, clients } = await connect(1);
    const logs = await received(clients, () => {
      wss.broadcast('text', { binary: true });
      closeAll(wss);
    });
    expect(logs).toEqual([['text', true]]);
  });

  it('needs clients that are tracked', async () => {
    const { wss } = await startTestServer({ clientTracking: true });
    expect(() => wss.broadcast('nobody')).not.toThrow();
    const untracked = new (wss.constructor as typeof WebSocketServer)({
      noServer: true,
      clientTracking: false,
    });
    expect(() => untracked.broadcast('anybody')).toThrow('The server does not track its clients');
  });
});
