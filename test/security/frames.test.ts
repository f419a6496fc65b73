import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { nextConnection, startTestServer } from '../behaviour/engine.ts';
import { faults, MAX_PAYLOAD } from '../behaviour/faults.ts';
import { closeCodes, frame, type RawFrame } from '../behaviour/raw-frames.ts';
import { upgradeRaw } from '../behaviour/raw-peer.ts';
import { next } from '../compat/connection-pair.ts';
import { attack, DEFLATE, deflated, ended, MIB, memoryInUse, ROLES, type Victim } from './attack.ts';

/** The first byte, and a length that is read as 64 bits. */
function header(masked: boolean, length: bigint): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.set([0x82, masked ? 0xff : 0x7f]);
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
}

const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
const IMPOSSIBLE = 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH';
const NOT_MINIMAL = 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH';
const LENGTHS: [length: bigint, error: string, closeCode: number][] = [
  [100n * 1024n * 1024n + 1n, TOO_LONG, 1009],
  [2n ** 31n - 1n, TOO_LONG, 1009],
  [2n ** 31n, TOO_LONG, 1009],
  [2n ** 32n, TOO_LONG, 1009],
  [2n ** 32n + 5n, TOO_LONG, 1009],
  [2n ** 53n - 1n, TOO_LONG, 1009],
  [2n ** 53n, IMPOSSIBLE, 1009],
  [2n ** 53n + 1n, IMPOSSIBLE, 1009],
  [2n ** 63n - 1n, IMPOSSIBLE, 1009],
  [2n ** 63n, IMPOSSIBLE, 1009],
  [2n ** 64n - 1n, IMPOSSIBLE, 1009],
  [0n, NOT_MINIMAL, 1002],
  [5n, NOT_MINIMAL, 1002],
  [125n, NOT_MINIMAL, 1002],
  [0xffffn, NOT_MINIMAL, 1002],
];

describe.each(ROLES)('frames sent to a %s', (role) => {
  const masked = role === 'server';

  it.each(LENGTHS)('row 7: a length of %i is refused by the header alone', async (length, error, code) => {
    const { socket, peer } = await attack(role);
    const end = ended(socket);
    peer.socket.write(header(masked, length));
    await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    expect(closeCodes(peer.received)).toEqual([code]);
    expect(await end).toEqual([error, 1006]);
  });

  it('row 7: no memory is made for such lengths', async () => {
    const victims = await Promise.all(LENGTHS.map(() => attack(role)));
    const ends = victims.map(({ socket }) => ended(socket));
    const before = await memoryInUse();
    for (const [i, { peer }] of victims.entries()) peer.socket.write(header(masked, LENGTHS[i]![0]));
    for (const { peer } of victims) await peer.until((received) => closeCodes(received).length > 0);
    expect((await memoryInUse()) - before).toBeLessThan(2 * MIB);
    for (const { peer } of victims) peer.socket.end();
    await Promise.all(ends);
  });

  it.each([0, 125])('row 7: %i written in 16 bits is refused', async (length) => {
    const { socket, peer } = await attack(role);
    const end = ended(socket);
    peer.socket.write(Buffer.of(0x82, masked ? 0xfe : 0x7e, 0, length));
    await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    expect(await end).toEqual([NOT_MINIMAL, 1006]);
  });

  it.each(faults(masked))('row 19: nothing is told behind a fault: $name', async (fault) => {
    const settings = { maxPayload: MAX_PAYLOAD, perMessageDeflate: fault.deflate };
    const { socket, peer, frame } = await attack(role, { settings, headers: fault.deflate ? DEFLATE : {} });
    const told: string[] = [];
    for (const event of ['message', 'ping', 'pong']) socket.on(event, () => told.push(event));
    const end = ended(socket);
    const valid = [frame(0x81, 'x'), frame(0x89, 'x'), frame(0x8a, 'x'), frame(0x88, Buffer.of(3, 0xe8))];
    peer.socket.write(Buffer.concat([fault.bytes, ...valid]));
    await peer.until((received) => closeCodes(received).length > 0);
    // In a chunk of its own too.
    peer.socket.end(Buffer.concat(valid));
    expect(await end).toEqual([fault.errorCode, 1006]);
    await peer.closed;
    expect([told, closeCodes(peer.received)]).toEqual([[], [fault.closeCode]]);
  });
});

/** What no sent frame may have: what freed memory of the process holds. */
const SECRET = Buffer.from('hunter2-hunter2-');

/** Leaves secrets in memory that is given out without being cleared. */
function poison(): void {
  for (let i = 0; i < 64; i++) Buffer.allocUnsafe(4000).fill(SECRET);
  for (let i = 0; i < 16; i++) Buffer.allocUnsafeSlow(100_000).fill(SECRET);
}

const floats = new Float32Array([1, 2, 3]);
const resizable = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(4, {
  maxByteLength: 4096,
});
const detached = new Uint8Array(64);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7);

const DATA: [name: string, data: unknown, bytes: Uint8Array | undefined][] = [
  ['a number', 1000, Buffer.from('1000')],
  ['a large number', 1e21, Buffer.from('1e+21')],
  ['floats', floats, new Uint8Array(floats.buffer)],
  ['a view of another unit', new Uint16Array([1, 2, 3]).subarray(1, 2), Uint8Array.of(2, 0)],
  ['a DataView', new DataView(floats.buffer, 4, 2), new Uint8Array(floats.buffer, 4, 2)],
  ['a part of a Buffer', Buffer.from('abcdef').subarray(2, 4), Buffer.from('cd')],
  ['memory that may grow', resizable, new Uint8Array(4)],
  ['memory that is gone', detached, new Uint8Array(0)],
  ['shared memory', shared.buffer, Uint8Array.of(7, 7, 7)],
  ['a list', [1, 2, 300], Uint8Array.of(1, 2, 44)],
  ['what looks like a list', { length: 100 }, new Uint8Array(100)],
  ['an empty list', [], new Uint8Array(0)],
  ['what has no bytes', { size: 5 }, undefined],
  ['a symbol', Symbol('x'), undefined],
  ['true', true, undefined],
];

/** Opens both ends; `frames` are those that `from` sent. */
async function recorded(role: 'server' | 'client') {
  const { socket, peer } = await attack(role);
  return { socket, peer, frames: () => parse(peer.received) };
}

describe.each(ROLES)('what a %s sends', (role) => {
  const METHODS = ['send', 'ping', 'pong'] as const;

  it.each(DATA)('row 17: %s is sent as its own bytes, or not at all', async (_name, data, bytes) => {
    const { socket, peer, frames } = await recorded(role);
    poison();
    let sent = 0;
    for (const method of METHODS) {
      try {
        socket[method](data as never);
        sent++;
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    socket.send('end');
    await peer.until((received) => parse(received).some(({ payload }) => payload.equals(Buffer.from('end'))));
    expect(sent).toBe(bytes === undefined ? 0 : METHODS.length);
    expect(frames().map(({ payload }) => payload.toString('hex'))).toEqual([
      ...Array(sent).fill(Buffer.from(bytes ?? []).toString('hex')),
      Buffer.from('end').toString('hex'),
    ]);
    expect(frames().some(({ payload }) => payload.includes(SECRET))).toBe(false);
  });

  it.each(DATA)('row 17: close() with %s sends its own bytes, or throws a TypeError', async (_name, data) => {
    const { socket, peer, frames } = await recorded(role);
    poison();
    try {
      socket.close(1000, data);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      socket.close(1000);
    }
    await peer.until((received) => closeCodes(received).length > 0);
    const reason = frames().at(-1)!.payload.subarray(2);
    const exact = data instanceof Uint8Array ? Buffer.from(data) : Buffer.alloc(0);
    expect(reason.toString('hex')).toBe(exact.toString('hex'));
  });
});

function parse(received: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 2 <= received.length; ) {
    const masked = received[at + 1]! > 127;
    const length = received[at + 1]! & 127;
    const start = at + (masked ? 6 : 2);
    if (start + length > received.length) break;
    const payload = received.subarray(start, start + length).map((byte, i) => {
      return masked ? byte ^ received[at + 2 + (i % 4)]! : byte;
    });
    frames.push({ opcode: received[at]! & 15, masked, payload: Buffer.from(payload) });
    at = start + length;
  }
  return frames;
}

describe('a stream of zlib that connections share', () => {
  const AGREED = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover' };

  it('row 17: a shared stream of zlib gives no message that refers to what another connection sent', async () => {
    const { port, wss } = await startTestServer({ perMessageDeflate: true });
    const received = nextConnection(wss, (ws) => next(ws, 'message'));
    const owner = await upgradeRaw(port, AGREED);
    owner.socket.write(frame(0xc1, deflated(SECRET), true));
    expect(String((await received)[0])).toBe(String(SECRET));
    const stolen = nextConnection(wss, (ws) => Promise.race([next(ws, 'message'), ended(ws)]));
    const thief = await upgradeRaw(port, AGREED);
    // It says: the 16 bytes before these.
    thief.socket.write(frame(0xc1, deflated(SECRET, { dictionary: SECRET }), true));
    await thief.until((bytes) => closeCodes(bytes).length > 0);
    thief.socket.end();
    owner.socket.destroy();
    expect(await stolen).toEqual(['Z_DATA_ERROR', 1006]);
  });
});

/** Sends `count` short messages as a client, and returns their masking keys. */
async function keysOf(count: number): Promise<number[]> {
  const server = await startTestServer();
  const accepted = nextConnection(server.wss, (ws) => {
    ws.on('message', () => {});
    return (ws as unknown as Victim)._socket as Socket;
  });
  const ws = new WebSocket(server.url);
  const chunks: Buffer[] = [];
  const socket = await accepted;
  let length = 0;
  const all = new Promise<void>((resolve) => {
    socket.prependListener('data', (chunk: Buffer) => {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= count * 7) resolve();
    });
  });
  await once(ws, 'open');
  for (let i = 0; i < count; i++) ws.send('x');
  await all;
  const bytes = Buffer.concat(chunks);
  return Array.from({ length: count }, (_, i) => bytes.readUInt32BE(i * 7 + 2));
}

describe('masking keys of a client', () => {
  // More than eight times what is drawn from the system's generator at a time.
  const COUNT = 20_000;

  it('row 18: masking keys are fresh for each frame, and every byte of them is evenly spread', async () => {
    const keys = await keysOf(COUNT);
    // By chance alone there is one pair in 20 runs.
    expect(new Set(keys).size).toBeGreaterThan(COUNT - 10);
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Array(256).fill(0);
      for (const key of keys) counts[(key >>> shift) & 255]++;
      const expected = COUNT / 256;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 255 degrees of freedom: 255 is expected, and by chance one run in 10^15 is above 500.
      expect(chiSquare).toBeLessThan(500);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  it('row 18: masking leaves the memory that is sent as it was', async () => {
    const server = await startTestServer();
    const ws = new WebSocket(server.url);
    await once(ws, 'open');
    for (const length of [10, 1000, 100_000]) {
      const mine = Buffer.alloc(length, 'mine');
      const before = Buffer.from(mine);
      await new Promise((resolve) => ws.send(mine, resolve));
      ws.ping(mine.subarray(0, 100));
      await new Promise((resolve) => ws.pong(mine.subarray(0, 100), undefined, resolve));
      expect(mine.equals(before)).toBe(true);
    }
    ws.terminate();
  });
});
