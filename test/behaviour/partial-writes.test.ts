import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from '../../src/index.ts';
import { type EndEvent, ending, nextConnection, openClient, startTestServer } from './engine.ts';
import { parseFrames } from './raw-frames.ts';
import { serveRaw, upgradeRaw, upgradeResponse } from './raw-peer.ts';

/** More than the system's buffers take, in short messages and long ones. */
const LENGTHS = Array.from({ length: 120 }, (_, i) => [3, 300, 70_000, 400_000, 1, 200_000][i % 6]!);
const MESSAGES = LENGTHS.map((length, i) => Buffer.alloc(length, i + 1));

type Open = () => Promise<{ ws: WebSocket; peer: Socket }>;

/** An end of ours, and the socket of a peer that reads nothing yet. */
const ROLES: ReadonlyArray<[string, Open]> = [
  [
    'a server',
    async () => {
      const { wss, port } = await startTestServer();
      const accepted = nextConnection(wss, (ws) => ws);
      const { socket } = await upgradeRaw(port, {}, { allowHalfOpen: true });
      return { ws: await accepted, peer: stalled(socket) };
    },
  ],
  [
    'a client',
    async () => {
      let peer: Socket;
      const server = await serveRaw(
        ({ socket }, head) => {
          peer = stalled(socket);
          socket.write(upgradeResponse(head));
        },
        { allowHalfOpen: true },
      );
      onTestFinished(() => server.close());
      return { ws: await openClient(server.url), peer: peer! };
    },
  ],
];

function stalled(socket: Socket): Socket {
  return socket.pause().removeAllListeners('data');
}

/** Sends all messages, of which the system takes a part; resolves with what each callback was called with. */
function sendAll(ws: WebSocket) {
  const calls: unknown[][] = MESSAGES.map(() => []);
  const all = MESSAGES.map(
    (message, i) =>
      new Promise<void>((resolve) => {
        ws.send(message, (error) => {
          calls[i]!.push(error === undefined ? 'sent' : 'failed');
          resolve();
        });
      }),
  );
  return { calls, told: Promise.all(all) };
}

/** Waits until something went out, and the rest can't: the next turns change nothing. */
async function partlyWritten(ws: WebSocket): Promise<void> {
  let before: number;
  do {
    before = ws.bufferedAmount;
    await new Promise((resolve) => setImmediate(resolve));
  } while (ws.bufferedAmount !== before);
  const total = LENGTHS.reduce((sum, length) => sum + length);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(total);
}

/** Reads to the end, with a turn of the loop between pieces. */
async function readAll(peer: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of peer.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Buffer.concat(chunks);
}

/** Whether `bytes` are the first of the messages, each whole but the last. */
function messagesIn(bytes: Buffer): number {
  const payloads = parseFrames(bytes)
    .filter(({ opcode }) => opcode === 2)
    .map(({ payload }) => payload);
  expect(payloads.every((payload, i) => payload.equals(MESSAGES[i]!))).toBe(true);
  return payloads.length;
}

describe.each(ROLES)('%s whose system takes a part of what is sent', (_role, open) => {
  it('has it all arrive, in order, and calls back once for each message', async () => {
    const { ws, peer } = await open();
    const end = ending(ws);
    const { calls, told } = sendAll(ws);
    await partlyWritten(ws);
    ws.close(1000);
    const read = readAll(peer);
    await told;
    peer.end();
    expect(messagesIn(await read)).toBe(MESSAGES.length);
    expect(await end).toEqual([['close', 1006, '']]);
    expect(calls).toEqual(MESSAGES.map(() => ['sent']));
  });

  it('is terminated meanwhile: one end, one call of each callback, nothing wrong before the end', async () => {
    const { ws, peer } = await open();
    const end = ending(ws);
    const { calls, told } = sendAll(ws);
    await partlyWritten(ws);
    ws.terminate();
    expect(await end).toEqual([['close', 1006, '']]);
    await told;
    expect(ws.bufferedAmount).toBe(0);
    await expectOneCallEach(ws, calls);
    peer.end();
    expect(messagesIn(await readAll(peer))).toBeLessThan(MESSAGES.length);
  });

  it('is terminated in the turn of the sending', async () => {
    const { ws, peer } = await open();
    const end = ending(ws);
    const { calls, told } = sendAll(ws);
    ws.terminate();
    expect(await end).toEqual([['close', 1006, '']]);
    await told;
    await expectOneCallEach(ws, calls);
    peer.end();
    messagesIn(await readAll(peer));
  });

  // A regression: what waited for room was lost.
  it('still sends it all when the peer has closed its half', async () => {
    const { ws, peer } = await open();
    const end = ending(ws);
    const { calls, told } = sendAll(ws);
    await partlyWritten(ws);
    peer.end();
    expect(messagesIn(await readAll(peer))).toBe(MESSAGES.length);
    await told;
    expect(await end).toEqual([['close', 1006, '']]);
    expect(calls).toEqual(MESSAGES.map(() => ['sent']));
  });

  it('loses its peer by a reset: one end, one call of each callback', async () => {
    const { ws, peer } = await open();
    const end = ending(ws);
    const { calls, told } = sendAll(ws);
    await partlyWritten(ws);
    peer.resetAndDestroy();
    const events: EndEvent[] = await end;
    expect(events).toEqual([['close', 1006, '']]);
    await told;
    await expectOneCallEach(ws, calls);
  });
});

/** Asks for another call, and sees by then that the others came once. */
async function expectOneCallEach(ws: WebSocket, calls: readonly unknown[][]): Promise<void> {
  await new Promise<unknown>((resolve) => ws.send('too late', resolve));
  expect(calls.map(({ length }) => length)).toEqual(MESSAGES.map(() => 1));
}
