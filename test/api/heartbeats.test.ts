import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { closeCode, ending, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';
import { frame, parseFrames } from '../behaviour/raw-frames.ts';
import { serveRaw, upgradeRaw, upgradeResponse } from '../behaviour/raw-peer.ts';
import { makeCertificate } from '../e2e/certificate.ts';

/** So short that the tests don't wait; nothing is asserted about the time. */
const SHORT = { heartbeat: { intervalMs: 20, timeoutMs: 10 } };
/** Time enough to answer a ping, also where the machine has other things to do. */
const ANSWERED = { heartbeat: { intervalMs: 200, timeoutMs: 200 } };
const HALF_OPEN = { allowHalfOpen: true };

describe('the option heartbeat', () => {
  it('ends a server’s connection whose peer is silent with 1006', async () => {
    const { wss, port } = await startTestServer(SHORT);
    const end = nextConnection(wss, ending);
    const peer = await upgradeRaw(port, {}, HALF_OPEN);
    expect(await end).toEqual([['close', 1006, '']]);
    expect(parseFrames(peer.received)[0]).toMatchObject({ opcode: 9 });
    peer.socket.destroy();
  });

  it('ends a client’s connection whose peer is silent with 1006', async () => {
    const server = await serveRaw((peer, head) => peer.socket.write(upgradeResponse(head)), HALF_OPEN);
    const ws = new WebSocket(server.url, SHORT);
    expect(await ending(ws)).toEqual([['close', 1006, '']]);
    await server.close();
  });

  it('keeps a peer that sends something else than pongs', async () => {
    const { wss, port } = await startTestServer(ANSWERED);
    const accepted = nextConnection(wss, (ws) => ws);
    const peer = await upgradeRaw(port);
    const ws = await accepted;
    let pings = 0;
    // Each ping is followed by half of a frame: not even a whole one is needed.
    const bytes = frame(0x82, Buffer.alloc(100), true);
    while (pings < 5) {
      const before = peer.received.length;
      await peer.until((received) => received.length > before);
      peer.socket.write(bytes.subarray(pings, pings + 1));
      pings++;
    }
    expect(ws.readyState).toBe(WebSocket.OPEN);
  });

  it('keeps a peer on TLS that sends messages, and no pongs', async () => {
    const { wss, port } = await startTestServer({ ...ANSWERED, tls: makeCertificate() });
    const accepted = nextConnection(wss, (ws) => ws);
    const client = await openClient(`wss://127.0.0.1:${port}`, {
      autoPong: false,
      rejectUnauthorized: false,
    });
    const server = await accepted;
    for (let pings = 0; pings < 5; pings++) {
      await once(client, 'ping');
      client.send('busy');
    }
    expect([server.readyState, server.latencyMs]).toEqual([WebSocket.OPEN, undefined]);
  });

  it('measures latency at both ends, and nobody else sees its pongs', async () => {
    const { wss, url } = await startTestServer(ANSWERED);
    const accepted = nextConnection(wss, (ws) => ws);
    const client = await openClient(url, ANSWERED);
    const server = await accepted;
    const pongs = vi.fn();
    server.on('pong', pongs);
    client.on('pong', pongs);
    while (server.latencyMs === undefined || client.latencyMs === undefined) await once(client, 'ping');
    expect(server.latencyMs).toBeGreaterThan(0);
    expect(client.latencyMs).toBeGreaterThan(0);
    expect(pongs).not.toHaveBeenCalled();
    const pong = once(server, 'pong');
    server.ping('mine');
    expect(String((await pong)[0])).toBe('mine');
    expect(pongs).toHaveBeenCalledOnce();
  });

  it('is off by default: no ping, no latency, no listener', async () => {
    const { wss, url } = await startTestServer();
    const accepted = nextConnection(wss, (ws) => ws);
    const client = await openClient(url);
    const server = await accepted;
    expect([client.latencyMs, client.listenerCount('close')]).toEqual([undefined, 0]);
    expect([server.latencyMs, server.listenerCount('close')]).toEqual([undefined, 1]);
    expect(new WebSocket(null).latencyMs).toBeUndefined();
  });

  it('is checked at once', () => {
    const heartbeat = { intervalMs: 0 };
    expect(() => new WebSocketServer({ noServer: true, heartbeat })).toThrow(RangeError);
    expect(() => new WebSocket('ws://localhost', { heartbeat })).toThrow(RangeError);
  });

  it('shares one timer between all connections with the same times', async () => {
    const timers = vi.spyOn(globalThis, 'setInterval');
    const heartbeat = { intervalMs: 54_321, timeoutMs: 8_000 };
    const { url } = await startTestServer({ heartbeat });
    const clients = await Promise.all(Array.from({ length: 10 }, () => openClient(url, { heartbeat })));
    expect(timers.mock.calls.filter(([, ms]) => ms === 250)).toHaveLength(1);
    expect(timers.mock.results.map(({ value }) => value.hasRef())).not.toContain(true);
    timers.mockRestore();
    const ends = Promise.all(clients.map(closeCode));
    for (const client of clients) client.close();
    await ends;
  });
});
