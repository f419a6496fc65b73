import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import { createWebSocketStream, WebSocket, WebSocketServer } from '../../src/index.ts';
import { WebSocket as WebWebSocket } from '../../src/web/index.ts';
import { nextConnection, startTestServer } from '../behaviour/engine.ts';
import { closeCodes, parseFrames } from '../behaviour/raw-frames.ts';
import { connectRaw, type RawPeer, serveRaw, upgradeRaw, upgradeResponse } from '../behaviour/raw-peer.ts';
import {
  attack,
  ended,
  lookedAt,
  MIB,
  memoryInUse,
  ROLES,
  type Role,
  repeated,
  type Victim,
  write,
} from './attack.ts';

/** The header of a frame that is one byte longer than a message may be by default. */
function tooLong(masked: boolean): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.set([0x82, masked ? 0xff : 0x7f]);
  bytes.writeBigUInt64BE(100n * 1024n * 1024n + 1n, 2);
  return bytes;
}

describe('limits by default', () => {
  it('row 10: every limit is finite by default, but those of parts, whose memory is bounded by bytes', () => {
    const unlimited = Object.entries(DEFAULTS)
      .filter(([, value]) => typeof value === 'number' && !(value > 0 && Number.isFinite(value)))
      .map(([name]) => name);
    // A streamed message is told part by part, and none of it is held.
    expect(unlimited).toEqual(['maxStreamedBytes', 'maxFragments', 'maxBufferedChunks']);
  });

  async function refused(peer: RawPeer, masked: boolean): Promise<void> {
    peer.socket.write(tooLong(masked));
    await peer.until((received) => closeCodes(received).length > 0);
    expect(closeCodes(peer.received)).toEqual([1009]);
    peer.socket.destroy();
    await peer.closed;
  }

  const servers: [name: string, start: () => Promise<number>][] = [
    ['a server on a port', async () => (await startTestServer()).port],
    ['a server with undefined limits', async () => (await startTestServer({ maxPayload: undefined })).port],
    ['a server of node:http', () => attached(false)],
    ['an upgrade by hand', () => attached(true)],
  ];

  async function attached(byHand: boolean): Promise<number> {
    const http = createServer();
    const wss = new WebSocketServer(byHand ? { noServer: true } : { server: http });
    if (byHand) http.on('upgrade', (...upgrade) => wss.handleUpgrade(...upgrade, () => {}));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => void http.close());
    return (http.address() as { port: number }).port;
  }

  it.each(servers)('row 10: %s has the default limits', async (_name, start) => {
    await refused(await upgradeRaw(await start()), true);
  });

  const clients: [name: string, open: (url: string) => unknown][] = [
    ['a client', (url) => new WebSocket(url).on('error', () => {})],
    ['a client by node:http', (url) => new WebSocket(url, { agent: false }).on('error', () => {})],
    ['the WebSocket of the web', (url) => new WebWebSocket(url)],
    ['a stream', (url) => createWebSocketStream(new WebSocket(url)).on('error', () => {})],
  ];

  it.each(clients)('row 10: %s, which is a client, has the default limits', async (_name, open) => {
    let tell = (_peer: RawPeer): void => {};
    const upgraded = new Promise<RawPeer>((resolve) => {
      tell = resolve;
    });
    const server = await serveRaw((peer, head) => {
      peer.socket.write(upgradeResponse(head));
      tell(peer);
    });
    onTestFinished(() => server.close());
    open(server.url);
    await refused(await upgraded, false);
  });
});

/** Sends more than the system takes to a peer that reads nothing. */
function stall(socket: Victim, peer: RawPeer, count = 16): void {
  peer.socket.pause();
  const filler = Buffer.alloc(MIB);
  for (let i = 0; i < count; i++) socket.send(filler);
}

describe.each(ROLES)('floods that a %s meets', (role) => {
  it('row 20: a peer that never reads is given up with 1013, when more than the limit waits', async () => {
    // A client masks, which is a copy: a smaller limit for it, to go easy on memory.
    const limit = role === 'server' ? DEFAULTS.maxBufferedBytes : 16 * MIB;
    const settings = role === 'server' ? { closeTimeout: 20 } : { closeTimeout: 20, maxBufferedBytes: limit };
    const { socket, peer } = await attack(role, { settings });
    const end = ended(socket);
    peer.socket.pause();
    const message = Buffer.alloc(MIB);
    let most = 0;
    for (let i = 0; i < (2 * limit) / MIB; i++) {
      socket.send(message);
      most = Math.max(most, socket.bufferedAmount);
    }
    expect(most).toBeLessThan(limit + 4 * MIB);
    expect(socket.bufferedAmount).toBeLessThan(4 * MIB);
    expect(await end).toEqual(['WS_ERR_SLOW_PEER', 1006]);
  });

  it('row 21: a peer that pings on and on and reads no pong is terminated', async () => {
    const { socket, peer, frame } = await attack(role, { settings: { maxControlFramesPerSecond: 0 } });
    const end = ended(socket);
    stall(socket, peer);
    const pings = repeated(1000, frame(0x89, 'p'.repeat(100)));
    const before = await memoryInUse();
    peer.socket.write(pings);
    expect(await end).toEqual([1006]);
    expect((await memoryInUse()) - before).toBeLessThan(2 * MIB);
  });

  it('row 21: quick pings are all answered, and before messages that wait', async () => {
    const { socket, peer, frame } = await attack(role);
    stall(socket, peer);
    const pings = Array.from({ length: 10 }, (_, i) => frame(0x89, `ping ${i}`));
    socket.once('ping', () => peer.socket.resume());
    await write(peer, Buffer.concat(pings));
    const opcodes = (received: Buffer) => parseFrames(received).map(({ opcode }) => opcode);
    await peer.until((received) => received.length > 16 * MIB);
    await lookedAt(peer, frame(0x89, 'last'));
    const all = parseFrames(peer.received);
    const pongs = all.filter(({ opcode }) => opcode === 10).map(({ payload }) => String(payload));
    expect(pongs.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `ping ${i}`));
    expect(opcodes(peer.received).indexOf(10)).toBeLessThan(16);
  });

  it.each([0x89, 0x8a])(
    'row 21: more than 1,000 of opcode %i at once are refused with 1008',
    async (first) => {
      const { socket, peer, frame } = await attack(role, { settings: { maxPendingAutoPongs: 0 } });
      const end = ended(socket);
      let told = 0;
      for (const event of ['ping', 'pong']) socket.on(event, () => told++);
      // A moment passes, in which some more may come.
      await write(peer, repeated(100_000, frame(first)));
      await peer.until((received) => closeCodes(received).length > 0);
      peer.socket.end();
      expect(closeCodes(peer.received)).toEqual([1008]);
      expect(told).toBeLessThan(20_000);
      expect(await end).toEqual(['WS_ERR_TOO_MANY_CONTROL_FRAMES', 1006]);
    },
  );

  it('row 31: a million pings and pongs leave nothing behind', async () => {
    const { socket, peer, frame } = await openReading(role);
    const flood = Buffer.concat([repeated(5000, frame(0x8a, 'pong')), repeated(5000, frame(0x89, 'ping'))]);
    const rounds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const seen = new Promise<void>((resolve) => {
          let pings = 0;
          const count = (): void => {
            if (++pings < 5000) return;
            socket.off('ping', count);
            resolve();
          };
          socket.on('ping', count);
        });
        await Promise.all([write(peer, flood), seen]);
      }
    };
    await rounds(5);
    const before = await memoryInUse();
    await rounds(100);
    expect((await memoryInUse()) - before).toBeLessThan(2 * MIB);
    expect(socket.readyState).toBe(socket.OPEN);
  });
});

/** A connection without a limit of control frames, to a peer that reads and forgets. */
async function openReading(role: Role): ReturnType<typeof attack> {
  const settings = { maxControlFramesPerSecond: 0, maxPendingAutoPongs: 0 };
  const ends = await attack(role, { settings });
  ends.peer.socket.removeAllListeners('data').on('data', () => {});
  return ends;
}

describe('sockets that say nothing', () => {
  it('row 27: connections beyond maxConnections are refused with 503, before anything is decided', async () => {
    let asked = 0;
    const verifyClient = (): boolean => ++asked > 0;
    const { port, wss } = await startTestServer({ maxConnections: 2, verifyClient });
    const open = [await upgradeRaw(port), await upgradeRaw(port)];
    await expect(upgradeRaw(port)).rejects.toThrow(/^Refused: HTTP\/1\.1 503 /);
    expect([asked, wss.clients.size]).toEqual([2, 2]);
    for (const { socket } of open) socket.destroy();
  });

  it('row 27: a socket that asks for nothing is closed after handshakeTimeout', async () => {
    const { port } = await startTestServer({ handshakeTimeout: 20 });
    const peer = await connectRaw(port);
    expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 408 /);
    peer.socket.destroy();
  });

  it('row 27: a peer that is let in, and then is silent, is found by heartbeat', async () => {
    const server = await startTestServer({ heartbeat: { intervalMs: 20, timeoutMs: 10 } });
    const end = nextConnection(server.wss, ended);
    const peer = await upgradeRaw(server.port);
    expect(await end).toEqual([1006]);
    await peer.closed;
  });
});
