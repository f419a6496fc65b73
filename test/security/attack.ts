import type { EventEmitter } from 'node:events';
import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { frame, parseFrames } from '../behaviour/raw-frames.ts';
import type { RawPeer } from '../behaviour/raw-peer.ts';
import { ENGINES, openRawPair, type Role } from '../compat/connection-pair.ts';
import { collect } from '../memory-in-use.ts';

export type { CompatSocket as Victim } from '../compat/connection-pair.ts';
export { ROLES, type Role } from '../compat/connection-pair.ts';
export { memoryInUse } from '../memory-in-use.ts';

const HAWSER = ENGINES.find(({ name }) => name === 'hawser')!;

export const MIB = 2 ** 20;
export const DEFLATE = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };

type Options = Parameters<typeof openRawPair>[2];

/** Opens a connection whose end `socket` has the attacked role, and whose other end `peer` is the attacker's. */
export const attack = (role: Role, options?: Options): ReturnType<typeof openRawPair> =>
  openRawPair(HAWSER, role, options);

/** As {@link attack}, with permessage-deflate agreed to. */
export const attackCompressed = (role: Role, settings: object = {}): ReturnType<typeof openRawPair> =>
  attack(role, { settings: { ...settings, perMessageDeflate: true }, headers: DEFLATE });

/** Collects the errors' codes and the close code of a connection, in order, until 'close'. */
export function ended(socket: EventEmitter): Promise<unknown[]> {
  const told: unknown[] = [];
  socket.on('error', (error: Error & { code?: unknown }) => told.push(error.code ?? error.message));
  return new Promise((resolve) => socket.on('close', (code: number) => resolve([...told, code])));
}

/** Writes, and waits for room: what a program that floods has to do. */
export function write(peer: RawPeer, bytes: Uint8Array): Promise<unknown> {
  return new Promise((resolve) => peer.socket.write(bytes, resolve));
}

/** Sends a ping and waits for its pong: all that was sent before has been looked at then. */
export async function lookedAt(peer: RawPeer, ping: Buffer): Promise<void> {
  const answers = () => parseFrames(peer.received).filter(({ opcode }) => opcode === 10).length;
  const before = answers();
  peer.socket.write(ping);
  await peer.until(() => answers() > before);
}

/** Makes `count` frames that are all the same, as one buffer. */
export function repeated(count: number, bytes: Buffer): Buffer {
  return Buffer.alloc(count * bytes.length, bytes);
}

/** The payload of a compressed message (RFC 7692 §7.2.1). */
export function deflated(data: string | Uint8Array, options: ZlibOptions = {}): Buffer {
  return deflateRawSync(data, { ...options, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Cuts a payload into the frames of one message. */
export function fragmented(firstByte: number, payload: Buffer, count: number, masked: boolean): Buffer {
  const size = Math.ceil(payload.length / count);
  const frames = Array.from({ length: count }, (_, i) => {
    const first = (i === 0 ? firstByte & 0x7f : 0) | (i === count - 1 ? 0x80 : 0);
    return frame(first, payload.subarray(i * size, (i + 1) * size), masked);
  });
  return Buffer.concat(frames);
}

/** Notes the highest use of array buffers from turn to turn; the function that it returns stops, and says the growth. */
export function watchPeak(): () => number {
  collect();
  const before = process.memoryUsage().arrayBuffers;
  let peak = before;
  let watching = true;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    if (watching) setImmediate(look);
  };
  look();
  return () => {
    watching = false;
    return peak - before;
  };
}

/** Collects what would end the process while the test runs. */
export function watchUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  for (const event of events) process.on(event, note);
  onTestFinished(() => {
    for (const event of events) process.off(event, note);
  });
  return uncaught;
}
