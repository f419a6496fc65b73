import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { createClient, ending, nextConnection, openClient, startTestServer } from './engine.ts';
import { compressed } from './faults.ts';
import { closeCodes, closePayload, frame, parseFrames } from './raw-frames.ts';
import { type RawPeer, serveRaw, upgradeRaw, upgradeResponse } from './raw-peer.ts';

/** So short that the tests don't wait; nothing is asserted about it but that it ends the connection. */
const SHORT = { closeTimeout: 20 };
const HALF_OPEN = { allowHalfOpen: true };

describe('the closing handshake', () => {
  it('is echoed: both ends have the code and the reason', async () => {
    const { wss, url } = await startTestServer();
    const accepted = nextConnection(wss, (ws) => ({ end: ending(ws) }));
    const client = await openClient(url);
    const clientEnd = ending(client);
    client.close(4321, 'bye €');
    expect(client.readyState).toBe(WebSocket.CLOSING);
    expect(await clientEnd).toEqual([['close', 4321, 'bye €']]);
    expect(await (await accepted).end).toEqual([['close', 4321, 'bye €']]);
    expect(client.readyState).toBe(WebSocket.CLOSED);
  });

  it('begun by both ends at once: each has what the other sent', async () => {
    const { wss, url } = await startTestServer();
    const accepted = nextConnection(wss, (ws) => ({ ws, end: ending(ws) }));
    const client = await openClient(url);
    const clientEnd = ending(client);
    const server = await accepted;
    server.ws.close(4001, 'server');
    client.close(4002, 'client');
    expect(await clientEnd).toEqual([['close', 4001, 'server']]);
    expect(await server.end).toEqual([['close', 4002, 'client']]);
    expect(wss.clients.size).toBe(0);
  });

  it('sends one Close frame, however often close() is called, and takes what comes after as said', async () => {
    const { wss, port } = await startTestServer();
    const messages: string[] = [];
    const accepted = nextConnection(wss, (ws) => {
      ws.on('message', (data) => messages.push(String(data)));
      return { ws, end: ending(ws) };
    });
    const peer = await upgradeRaw(port);
    const { ws, end } = await accepted;
    ws.close(4000);
    ws.close(4001);
    await peer.until((received) => closeCodes(received).length > 0);
    // RFC 6455 §5.5.1: the peer may end a message before it answers; it is received.
    peer.socket.write(frame(0x81, 'before', true));
    peer.socket.write(frame(0x88, closePayload(4000), true));
    peer.socket.write(frame(0x81, 'after', true));
    await peer.closed;
    expect(closeCodes(peer.received)).toEqual([4000]);
    expect(await end).toEqual([['close', 4000, '']]);
    expect(messages).toEqual(['before']);
  });

  it.each([
    [undefined, 1005],
    [closePayload(1000), 1000],
    [closePayload(4999, 'x'), 4999],
  ] as const)('answers a Close frame with the same payload', async (payload, code) => {
    const { wss, port } = await startTestServer();
    const end = nextConnection(wss, ending);
    const peer = await upgradeRaw(port);
    peer.socket.write(frame(0x88, payload ?? '', true));
    await peer.closed;
    const [answer, ...rest] = parseFrames(peer.received);
    expect(answer).toEqual({ opcode: 8, masked: false, payload: payload ?? Buffer.alloc(0) });
    expect(rest).toEqual([]);
    expect((await end)[0]!.slice(0, 2)).toEqual(['close', code]);
  });
});

describe('a peer that does not play along', () => {
  it('never answers a server: 1006 after the timeout', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const accepted = nextConnection(wss, (ws) => ({ ws, end: ending(ws) }));
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    const { ws, end } = await accepted;
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    await closeCame(peer);
    peer.socket.destroy();
    expect(closeCodes(peer.received)).toEqual([1000]);
  });

  it('never answers a client: 1006 after the timeout', async () => {
    const peers: RawPeer[] = [];
    const server = await serveRaw((peer, head) => {
      peers.push(peer);
      peer.socket.write(upgradeResponse(head));
    }, HALF_OPEN);
    onTestFinished(() => server.close());
    const ws = await openClient(server.url, SHORT);
    const end = ending(ws);
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    await closeCame(peers[0]!);
    expect(closeCodes(peers[0]!.received)).toEqual([1000]);
  });

  it('never ends the stream after both Close frames: the code counts', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const end = nextConnection(wss, ending);
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    peer.socket.write(frame(0x88, closePayload(1000), true));
    expect(await end).toEqual([['close', 1000, '']]);
    await closeCame(peer);
    peer.socket.destroy();
    expect(closeCodes(peer.received)).toEqual([1000]);
  });

  it('never reads a fault’s answer: the socket is destroyed', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const end = nextConnection(wss, ending);
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    peer.socket.write(frame(0xf1, 'x', true));
    expect(await end).toEqual([
      ['error', 'WS_ERR_UNEXPECTED_RSV_2_3'],
      ['close', 1006, ''],
    ]);
    peer.socket.destroy();
  });

  it('half-closes without a Close frame: 1006, and the other half is closed', async () => {
    const { wss, port } = await startTestServer();
    const end = nextConnection(wss, ending);
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    peer.socket.end();
    expect(await end).toEqual([['close', 1006, '']]);
    await peer.closed;
    expect(peer.received).toHaveLength(0);
  });

  it('half-closes as a server without a Close frame: 1006', async () => {
    const server = await serveRaw((peer, head) => peer.socket.end(upgradeResponse(head)), HALF_OPEN);
    onTestFinished(() => server.close());
    expect(await ending(createClient(server.url))).toEqual([['close', 1006, '']]);
  });
});

describe('a peer that stops reading', () => {
  /** More than the buffers of the system take: the Close frame stays behind it. */
  const LONG = Buffer.alloc(16 * 1024 * 1024);

  it('a server: close() ends with 1006 after the timeout, and calls back what was sent', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const accepted = nextConnection(wss, (ws) => ({ ws, end: ending(ws) }));
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    peer.socket.pause();
    const { ws, end } = await accepted;
    const sent = new Promise((resolve) => ws.send(LONG, resolve));
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    await sent;
    peer.socket.destroy();
  });

  it('a client: the same', async () => {
    const server = await serveRaw((peer, head) => {
      peer.socket.write(upgradeResponse(head));
      peer.socket.pause();
    }, HALF_OPEN);
    onTestFinished(() => server.close());
    const ws = await openClient(server.url, SHORT);
    const end = ending(ws);
    const sent = new Promise((resolve) => ws.send(LONG, resolve));
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    await sent;
  });

  it('both ends at once, each behind what the other does not read', async () => {
    const { wss, url } = await startTestServer(SHORT);
    const accepted = nextConnection(wss, (ws) => ws);
    const client = await openClient(url, SHORT);
    const server = await accepted;
    for (const ws of [client, server]) {
      ws.pause();
      ws.send(LONG);
    }
    const ends = Promise.all([ending(client), ending(server)]);
    client.close(4001);
    server.close(4002);
    const [[clientEnd], [serverEnd]] = await ends;
    expect([clientEnd![0], serverEnd![0]]).toEqual(['close', 'close']);
  });

  it('has it said in time also to one who sends on and on', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const accepted = nextConnection(wss, (ws) => ({ ws, end: ending(ws) }));
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    const message = frame(0x82, Buffer.alloc(1_000), true);
    const { ws, end } = await accepted;
    const sending = setInterval(() => peer.socket.write(message), 1);
    ws.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
    clearInterval(sending);
    peer.socket.destroy();
  });
});

describe('messages before the end', () => {
  const MESSAGES = Array.from({ length: 40 }, (_, i) => `${i} ${'lorem ipsum '.repeat(i * 200)}`);

  it.each(['client', 'server'] as const)(
    'all arrive when the %s closes behind compressed ones',
    async (who) => {
      const { wss, url } = await startTestServer({ perMessageDeflate: true });
      const accepted = nextConnection(wss, (ws) => ({ ws, received: record(ws), end: ending(ws) }));
      const client = await openClient(url);
      const clientSide = { ws: client, received: record(client), end: ending(client) };
      const serverSide = await accepted;
      expect(client.extensions).toBe('permessage-deflate');
      const [from, to] = who === 'client' ? [clientSide, serverSide] : [serverSide, clientSide];

      const sendErrors: unknown[] = [];
      for (const message of MESSAGES) from.ws.send(message, (error) => error && sendErrors.push(error));
      from.ws.close(1000, 'done');

      expect(await to.end).toEqual([['close', 1000, 'done']]);
      expect(await from.end).toEqual([['close', 1000, 'done']]);
      expect(to.received).toEqual(MESSAGES);
      expect(sendErrors).toEqual([]);
    },
  );

  it('all arrive when the stream ends behind compressed ones', async () => {
    const { wss, port } = await startTestServer({
      perMessageDeflate: { clientNoContextTakeover: true },
    });
    const accepted = nextConnection(wss, (ws) => ({ received: record(ws), end: ending(ws) }));
    const peer = await upgradeRaw(port, { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    peer.socket.end(Buffer.concat(MESSAGES.map((message) => frame(0xc1, compressed(message), true))));
    const { received, end } = await accepted;
    expect(await end).toEqual([['close', 1006, '']]);
    expect(received).toEqual(MESSAGES);
  });
});

function record(ws: WebSocket): string[] {
  const messages: string[] = [];
  ws.on('message', (data) => messages.push(String(data)));
  return messages;
}

/** What was sent before the end may be read behind it. */
function closeCame(peer: RawPeer): Promise<unknown> {
  return peer.until((received) => closeCodes(received).length > 0);
}
