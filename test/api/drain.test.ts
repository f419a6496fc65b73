import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type * as ws from 'ws';
import type { ServerOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { ending, nextConnection, openClient } from '../behaviour/engine.ts';
import { closeCodes } from '../behaviour/raw-frames.ts';
import { connectRaw, type RawPeer, upgradeRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { ENGINES } from '../compat/engines.ts';
import { answerTo, type Mode, serve } from '../compat/served.ts';
import { holdTimers } from '../hold-timers.ts';

const HAWSER = ENGINES.find(({ name }) => name === 'hawser')!;
const MODES: readonly Mode[] = ['port', 'server', 'noServer'];
/** Longer than any test: reached only by what is broken. */
const NEVER = { deadlineMs: 1_000_000 };

async function start(mode: Mode, options: ServerOptions = {}) {
  const { wss, port, url } = await serve(HAWSER, options as ws.ServerOptions, mode);
  return { wss: wss as unknown as WebSocketServer, port, url };
}

/** A peer that reads and never answers. */
async function silentPeer(wss: WebSocketServer, port: number): Promise<{ peer: RawPeer; ws: WebSocket }> {
  const accepted = nextConnection(wss, (ws) => ws);
  const peer = await upgradeRaw(port, {}, { allowHalfOpen: true });
  onTestFinished(() => void peer.socket.destroy());
  return { peer, ws: await accepted };
}

describe.each(MODES)('drain in the mode %s', (mode) => {
  it('tells every peer 1001 after what was sent, and says how many there were', async () => {
    const { wss, url } = await start(mode);
    const received: string[] = [];
    const ends = await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await openClient(url);
        client.on('message', (data) => received.push(String(data)));
        return { end: ending(client) };
      }),
    );
    for (const ws of wss.clients) ws.send('before');
    const result = await wss.drain({ ...NEVER, reason: 'restart' });
    expect(result).toEqual({ closed: 3, terminated: 0, durationMs: expect.any(Number) });
    for (const { end } of ends) expect(await end).toEqual([['close', 1001, 'restart']]);
    expect(received).toEqual(['before', 'before', 'before']);
    expect(wss.clients.size).toBe(0);
  });

  it('refuses who comes meanwhile with 503, and says when to come back', async () => {
    const { wss, port } = await start(mode);
    const { peer } = await silentPeer(wss, port);
    const drained = wss.drain(NEVER);
    const answer = await answerTo(port, upgradeRequest());
    expect(answer).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/);
    expect(answer).toMatch(/\r\nRetry-After: 5\r\n/);
    peer.socket.destroy();
    expect(await drained).toMatchObject({ closed: 0, terminated: 1 });
  });

  it('terminates what is left at the deadline', async () => {
    const { wss, url, port } = await start(mode);
    const pass = holdTimers();
    const { peer, ws } = await silentPeer(wss, port);
    const end = ending(ws);
    await openClient(url);
    const drained = wss.drain({ deadlineMs: 20, code: 4000 });
    await peer.until((received) => closeCodes(received).length > 0);
    while (wss.clients.size > 1) await new Promise(setImmediate);
    pass(20);
    expect(await drained).toMatchObject({ closed: 1, terminated: 1 });
    expect(await end).toEqual([['close', 1006, '']]);
    expect(closeCodes(peer.received)).toEqual([4000]);
  });

  it('is cut short by a signal', async () => {
    const { wss, port } = await start(mode);
    await silentPeer(wss, port);
    const controller = new AbortController();
    const drained = wss.drain({ ...NEVER, signal: controller.signal });
    controller.abort();
    expect(await drained).toMatchObject({ closed: 0, terminated: 1 });
  });

  it('with a signal that is aborted already still tells 1001', async () => {
    const { wss, port } = await start(mode);
    const { peer } = await silentPeer(wss, port);
    expect(await wss.drain({ signal: AbortSignal.abort() })).toMatchObject({ terminated: 1 });
    await peer.until((received) => received.length > 0);
    expect(closeCodes(peer.received)).toEqual([1001]);
  });

  it('a second time joins the first', async () => {
    const { wss, port } = await start(mode);
    const { peer } = await silentPeer(wss, port);
    const first = wss.drain(NEVER);
    const second = wss.drain({ deadlineMs: 0 });
    peer.socket.destroy();
    expect(await second).toBe(await first);
    expect(await wss.drain()).toBe(await first);
  });

  it('does not wait for what verifyClient has not decided', async () => {
    let decide: ((yes: boolean) => void) | undefined;
    let wasAsked!: () => void;
    const asked = new Promise<void>((resolve) => {
      wasAsked = resolve;
    });
    const { wss, port } = await start(mode, {
      verifyClient: (_info, callback) => {
        decide = callback;
        wasAsked();
      },
    });
    const answer = answerTo(port, upgradeRequest());
    await asked;
    expect(await wss.drain(NEVER)).toMatchObject({ closed: 0, terminated: 0 });
    expect(await answer).toMatch(/^HTTP\/1.1 503 /);
    decide!(true);
    expect(wss.clients.size).toBe(0);
  });

  it('needs no tracking of clients', async () => {
    const { wss, url } = await start(mode, { clientTracking: false });
    const end = ending(await openClient(url));
    expect(await wss.drain(NEVER)).toMatchObject({ closed: 1 });
    expect((await end)[0]).toEqual(['close', 1001, '']);
  });
});

describe('drain', () => {
  it('closes the server of a port, which is done then', async () => {
    const { wss, port } = await start('port');
    let closed = 0;
    wss.on('close', () => closed++);
    await wss.drain(NEVER);
    expect([closed, wss.address()]).toEqual([1, null]);
    await expect(connectRaw(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('leaves an HTTP server as it is, and goes on refusing until close()', async () => {
    const { wss, port } = await start('server');
    await wss.drain(NEVER);
    expect(await answerTo(port, upgradeRequest())).toMatch(/^HTTP\/1.1 503 /);
    await new Promise<void>((resolve) => wss.close(() => resolve()));
  });

  it('goes with close(), whichever comes first', async () => {
    for (const order of ['close', 'drain'] as const) {
      const { wss, url } = await start('port');
      const end = ending(await openClient(url));
      const closed = once(wss, 'close');
      const drained = order === 'drain' ? wss.drain(NEVER) : undefined;
      wss.close();
      const result = await (drained ?? wss.drain(NEVER));
      await closed;
      expect(result.closed).toBe(1);
      expect((await end)[0]).toEqual(['close', 1001, '']);
    }
  });

  it('of a server that is closed has nothing to do', async () => {
    const { wss } = await start('port');
    await new Promise<void>((resolve) => wss.close(() => resolve()));
    expect(await wss.drain()).toMatchObject({ closed: 0, terminated: 0 });
  });

  it.each([
    [{ code: 1006 }, TypeError],
    [{ reason: 'x'.repeat(124) }, RangeError],
    [{ deadlineMs: -1 }, RangeError],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, RangeError],
    [{ deadlineMs: '5s' as never }, RangeError],
  ])('refuses %j before anything changes', async (options, error) => {
    const { wss, url } = await start('port');
    const client = await openClient(url);
    await expect(wss.drain(options)).rejects.toThrow(error);
    await openClient(url);
    expect([client.readyState, wss.clients.size]).toEqual([1, 2]);
    expect(await wss.drain(NEVER)).toMatchObject({ closed: 2 });
  });

  it('waits for those that are closing by themselves, and is not held up by a listener that throws', async () => {
    const { wss, url } = await start('port');
    const thrown = new Promise((resolve) => {
      process.prependOnceListener('uncaughtException', resolve);
    });
    const others = process.listeners('uncaughtException').slice(1);
    for (const listener of others) process.off('uncaughtException', listener);
    const accepted = nextConnection(wss, (ws) => ws);
    await openClient(url);
    const ws = await accepted;
    ws.on('close', () => {
      throw new Error('of the application');
    });
    ws.close(4000);
    expect(await wss.drain(NEVER)).toMatchObject({ closed: 1 });
    expect(await thrown).toEqual(new Error('of the application'));
    for (const listener of others) process.on('uncaughtException', listener);
  });
});
