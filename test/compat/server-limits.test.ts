import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { VerifyClientCallbackAsync } from 'ws';
import { closeCodes, frame } from '../behaviour/raw-frames.ts';
import { connectRaw, upgradeRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { answerTo, serve } from './served.ts';

// Limits that ws has not, with options that it does not know. Those of Hawser have defaults too high for a test.
describe.each(ENGINES)('$name', (engine) => {
  const isWs = engine.name === 'ws';

  it(difference('connection-limit'), async () => {
    const { port, wss } = await serve(engine, { maxConnections: 1 } as object);
    await upgradeRaw(port);
    if (isWs) {
      await upgradeRaw(port);
      expect(wss.clients.size).toBe(2);
    } else {
      expect(await answerTo(port, upgradeRequest())).toMatch(/^HTTP\/1.1 503 /);
    }
  });

  it(difference('decision-timeout'), async () => {
    const asked: Array<(yes: boolean) => void> = [];
    const verifyClient: VerifyClientCallbackAsync = (_info, callback) => {
      asked.push(callback);
      // After a timer of as many milliseconds that the request began.
      if (isWs) setTimeout(callback, 1, true);
    };
    const { port, wss } = await serve(engine, { handshakeTimeout: 1, verifyClient } as object, 'server');
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest());
    expect(await peer.takeHead()).toMatch(isWs ? /^HTTP\/1.1 101 / : /^HTTP\/1.1 503 /);
    expect([asked.length, wss.clients.size]).toEqual([1, isWs ? 1 : 0]);
    peer.socket.destroy();
  });

  it(difference('control-frame-limit'), async () => {
    const { port, wss } = await serve(engine, { maxControlFramesPerSecond: 3 } as object);
    const connected = once(wss, 'connection');
    const peer = await upgradeRaw(port);
    const [ws] = await connected;
    let pongs = 0;
    ws.on('pong', () => pongs++);
    ws.on('error', () => {});
    const over = new Promise((resolve) => ws.once(isWs ? 'message' : 'close', resolve));
    peer.socket.write(Buffer.concat([...Array(10).fill(frame(0x8a, '', true)), frame(0x81, 'end', true)]));
    if (!isWs) await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    await over;
    expect([pongs, closeCodes(peer.received)]).toEqual(isWs ? [10, []] : [3, [1008]]);
  });

  it(difference('empty-fragment-limit'), async () => {
    const { port, wss } = await serve(engine, { maxControlFramesPerSecond: 3 } as object);
    const connected = once(wss, 'connection');
    const peer = await upgradeRaw(port);
    const [ws] = await connected;
    const errors: unknown[] = [];
    ws.on('error', (error: Error & { code?: string }) => errors.push(error.code));
    const over = new Promise((resolve) => ws.once(isWs ? 'message' : 'close', resolve));
    const empty = Array(10).fill(frame(0x00, '', true));
    peer.socket.write(Buffer.concat([frame(0x01, 'a', true), ...empty, frame(0x80, 'z', true)]));
    if (!isWs) await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    await over;
    expect([errors, closeCodes(peer.received)]).toEqual(
      isWs ? [[], []] : [['WS_ERR_TOO_MANY_BUFFERED_PARTS'], [1008]],
    );
  });
});
