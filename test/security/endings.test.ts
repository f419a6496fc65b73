import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { closeCode, expectEcho, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';
import { closeCodes, closePayload, frame } from '../behaviour/raw-frames.ts';
import { connectRaw, serveRaw, upgradeRaw, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';
import { closing, ENGINES, openPair } from '../compat/connection-pair.ts';
import { attack, ended, MIB, ROLES, watchUncaught, write } from './attack.ts';

const ILLEGAL = frame(0xf1, 'x', true);
const HAWSER = ENGINES.find(({ name }) => name === 'hawser')!;

describe('errors that nobody listens to', () => {
  it('row 22: a server lives through a reset at every byte of a session', async () => {
    const uncaught = watchUncaught();
    const { port, url, wss } = await startTestServer();
    wss.on('connection', (ws) => ws.on('message', (data) => ws.send(String(data))));
    const session = Buffer.concat([Buffer.from(upgradeRequest()), frame(0x81, 'hello', true), ILLEGAL]);
    const resetAt = async (length: number): Promise<void> => {
      const peer = await connectRaw(port);
      await write(peer, session.subarray(0, length));
      peer.socket.resetAndDestroy();
      await peer.closed;
    };
    await Promise.all(Array.from({ length: session.length + 1 }, (_, length) => resetAt(length)));
    const client = await openClient(url);
    await expectEcho(client, 'still here');
    expect(uncaught).toEqual([]);
  });

  it('row 22: a client lives through a reset at every byte of a response', async () => {
    const uncaught = watchUncaught();
    let length = 0;
    const server = await serveRaw(({ socket }, head) => {
      const session = Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0x81, 'hello', false)]);
      socket.write(session.subarray(0, length), () => socket.resetAndDestroy());
    });
    onTestFinished(() => server.close());
    const whole = upgradeResponse(upgradeRequest()).length + frame(0x81, 'hello', false).length;
    for (length = 0; length <= whole; length++) expect(await closeCode(new WebSocket(server.url))).toBe(1006);
    expect(uncaught).toEqual([]);
  });

  it('row 22: an illegal frame in the packet of the request ends its connection alone', async () => {
    const uncaught = watchUncaught();
    const { port, url, wss } = await startTestServer();
    wss.on('connection', (ws) => ws.on('message', (data) => ws.send(String(data))));
    const bystander = await openClient(url);
    const end = nextConnection(wss, closeCode);
    const peer = await connectRaw(port);
    peer.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), ILLEGAL]));
    expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 101 /);
    await peer.until((received) => closeCodes(received).length > 0);
    expect(closeCodes(peer.received)).toEqual([1002]);
    peer.socket.destroy();
    expect(await end).toBe(1006);
    await expectEcho(bystander, 'still here');
    expect(uncaught).toEqual([]);
  });

  it('row 22: an illegal frame in the packet of the response ends a client', async () => {
    const uncaught = watchUncaught();
    const server = await serveRaw((peer, head) => {
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0xf1, 'x', false)]));
      peer.until((received) => closeCodes(received).length > 0).then(() => peer.socket.end());
    });
    onTestFinished(() => server.close());
    expect(await closeCode(new WebSocket(server.url))).toBe(1006);
    expect(uncaught).toEqual([]);
  });
});

const SHORT_MS = 20;

describe('handshakes that are never finished', () => {
  const request = upgradeRequest();

  it.each([0, 1, 12, 40, request.length - 2, request.length - 1])(
    'row 34: a server answers 408 after %i bytes of a request',
    async (length) => {
      const { port, wss } = await startTestServer({ handshakeTimeout: SHORT_MS });
      const peer = await connectRaw(port);
      peer.socket.write(request.slice(0, length));
      expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 408 /);
      peer.socket.end();
      await peer.closed;
      expect(wss.clients.size).toBe(0);
    },
  );

  it.each([{}, { agent: false }])(
    'row 34: a client, with %o, gives up a response that stops',
    async (over) => {
      let length = 0;
      const server = await serveRaw(({ socket }, head) =>
        socket.write(upgradeResponse(head).slice(0, length)),
      );
      onTestFinished(() => server.close());
      const whole = upgradeResponse(request).length;
      for (length of [0, 1, 9, 30, 60, whole - 2, whole - 1]) {
        const ws = new WebSocket(server.url, { handshakeTimeout: SHORT_MS, ...over });
        expect(await ended(ws)).toEqual(['Opening handshake has timed out', 1006]);
      }
    },
  );

  it('row 34: a client gives up interim responses without end', async () => {
    const server = await serveRaw(({ socket }) => {
      const more = (): void =>
        void (socket.writable && socket.write('HTTP/1.1 100 Go on\r\n\r\n', () => setImmediate(more)));
      more();
    });
    onTestFinished(() => server.close());
    const ws = new WebSocket(server.url, { handshakeTimeout: SHORT_MS });
    expect(await ended(ws)).toEqual(['Opening handshake has timed out', 1006]);
  });
});

describe.each(ROLES)('the end of a %s', (role) => {
  const masked = role === 'server';
  const stops: [what: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['half a header', Buffer.of(0x82)],
    ['half of a long header', Buffer.of(0x82, masked ? 0xff : 0x7f, 0, 0, 0)],
    ['half a frame', frame(0x82, 'half', masked).subarray(0, -2)],
    ['half a message', frame(0x02, 'half', masked)],
    ['half a Close frame', frame(0x88, closePayload(1000), masked).subarray(0, -1)],
  ];

  it.each(stops)('row 34: the end comes by heartbeat when the peer stops after %s', async (_what, bytes) => {
    const heartbeat = { intervalMs: SHORT_MS, timeoutMs: SHORT_MS / 2 };
    const { socket, peer } = await attack(role, { settings: { heartbeat } });
    const end = ended(socket);
    peer.socket.write(bytes);
    expect(await end).toEqual([1006]);
  });

  it.each(stops)(
    'row 34: the end comes within closeTimeout of close() when the peer stops after %s',
    async (_what, bytes) => {
      const { socket, peer } = await attack(role, { settings: { closeTimeout: SHORT_MS } });
      const end = ended(socket);
      await write(peer, bytes);
      socket.close(1000);
      expect(await end).toEqual([1006]);
    },
  );

  it('row 34: the end comes within closeTimeout when the peer reads nothing', async () => {
    const { socket, peer } = await attack(role, { settings: { closeTimeout: SHORT_MS } });
    const end = ended(socket);
    peer.socket.pause();
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(MIB));
    socket.close(1000);
    expect(await end).toEqual([1006]);
  });

  it('row 34: the end comes within closeTimeout when the peer closes, and keeps its stream open', async () => {
    const settings = { closeTimeout: SHORT_MS };
    const { socket, peer, frame } = await attack(role, { settings, allowHalfOpen: true });
    const end = ended(socket);
    peer.socket.write(frame(0x88, closePayload(4000)));
    expect(await end).toEqual([4000]);
  });

  it('row 34: the end comes within closeTimeout of a fault when the peer sends on and on', async () => {
    const { socket, peer, frame } = await attack(role, {
      settings: { closeTimeout: SHORT_MS },
      allowHalfOpen: true,
    });
    const end = ended(socket);
    const more = (): void =>
      void (peer.socket.writable && peer.socket.write(frame(0xf1, 'x'), () => setImmediate(more)));
    more();
    expect(await end).toEqual(['WS_ERR_UNEXPECTED_RSV_2_3', 1006]);
  });

  it('row 34: the end comes within closeTimeout when the peer ends its half, and reads nothing', async () => {
    const settings = { closeTimeout: SHORT_MS };
    const { socket, peer } = await attack(role, { settings, allowHalfOpen: true });
    const end = ended(socket);
    peer.socket.pause();
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(MIB));
    peer.socket.end();
    expect(await end).toEqual([1006]);
  });

  it('row 34: the end comes when the stream ends inside a frame', async () => {
    const { socket, peer } = await attack(role);
    const end = ended(socket);
    peer.socket.end(frame(0x82, 'half', masked).subarray(0, -2));
    expect(await end).toEqual([1006]);
  });
});

describe('both ends', () => {
  it('row 34: two ends that close at once hear of each other', async () => {
    const { client, server } = await openPair(HAWSER);
    const ends = Promise.all([closing(client), closing(server)]);
    client.close(4001, 'client');
    server.close(4002, 'server');
    expect(await ends).toEqual([
      [4002, 'server'],
      [4001, 'client'],
    ]);
  });

  it('row 34: a request that is cut off leaves no socket', async () => {
    // Without a time for the handshake, which would end it, too.
    const { port, wss } = await startTestServer({ handshakeTimeout: 0 });
    const peer = await connectRaw(port);
    peer.socket.end(upgradeRequest().slice(0, 50));
    await peer.closed;
    const other = await upgradeRaw(port);
    expect(wss.clients.size).toBe(1);
    other.socket.destroy();
  });
});
