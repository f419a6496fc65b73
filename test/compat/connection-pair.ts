import { type EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex, DuplexOptions } from 'node:stream';
import { onTestFinished } from 'vitest';
import { frame } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeRaw, upgradeResponse } from '../behaviour/raw-peer.ts';
import { ENGINES as IMPLEMENTATIONS } from './engines.ts';

export type Callback = (error?: Error) => void;

/** A connection of either implementation. Arguments are open, since some tests pass what the types forbid. */
export interface CompatSocket extends EventEmitter {
  readonly CONNECTING: number;
  readonly OPEN: number;
  readonly CLOSING: number;
  readonly CLOSED: number;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly isPaused: boolean;
  readonly protocol: string;
  readonly readyState: number;
  readonly url: string | undefined;
  readonly _socket: Socket;
  binaryType: string;
  onopen: unknown;
  onerror: unknown;
  onclose: unknown;
  onmessage: unknown;
  addEventListener(type: string, listener: unknown, options?: { once?: boolean }): void;
  removeEventListener(type: string, listener: unknown): void;
  send(data?: unknown, options?: unknown, callback?: Callback): void;
  ping(data?: unknown, mask?: unknown, callback?: Callback): void;
  pong(data?: unknown, mask?: unknown, callback?: Callback): void;
  close(code?: unknown, reason?: unknown): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

export interface CompatServer extends EventEmitter {
  readonly clients: Set<CompatSocket>;
  address(): AddressInfo;
  close(callback?: Callback): void;
}

export interface Engine {
  readonly name: 'ws' | 'hawser';
  readonly WebSocket: (new (
    url: string | URL | null,
    protocols?: unknown,
    options?: object,
  ) => CompatSocket) & { readonly prototype: CompatSocket; readonly [state: string]: unknown };
  readonly WebSocketServer: new (options: object) => CompatServer;
  readonly createWebSocketStream: (ws: EventEmitter, options?: DuplexOptions) => Duplex;
}

/** The two implementations, with the open types of this file. */
export const ENGINES = IMPLEMENTATIONS as unknown as readonly Engine[];

export interface PairOptions {
  readonly server?: object;
  readonly client?: object;
  readonly protocols?: unknown;
  /** Called with the server's end as it connects, before anything that it received is told. */
  readonly accept?: (server: CompatSocket) => void;
}

export interface Pair {
  readonly client: CompatSocket;
  readonly server: CompatSocket;
}

/** Starts a server for the test that is running. */
export async function serve(
  engine: Engine,
  options: object = {},
): Promise<{ wss: CompatServer; url: string }> {
  const wss = new engine.WebSocketServer({ ...options, port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  onTestFinished(async () => {
    for (const client of wss.clients) client.terminate();
    await new Promise<void>((resolve) => wss.close(() => resolve()));
  });
  return { wss, url: `ws://127.0.0.1:${wss.address().port}/` };
}

/** Connects a client to a server, both of one implementation. */
export async function openPair(engine: Engine, options: PairOptions = {}): Promise<Pair> {
  const { wss, url } = await serve(engine, options.server);
  if (options.accept !== undefined) wss.once('connection', options.accept);
  const connected = once(wss, 'connection');
  const client = new engine.WebSocket(url, options.protocols, options.client);
  const [[server]] = await Promise.all([connected, once(client, 'open')]);
  return { client, server: server as CompatSocket };
}

/** A connection whose other end is in the test's hands. */
export interface RawPair {
  readonly socket: CompatSocket;
  readonly peer: RawPeer;
  /** Makes a frame as the peer has to. */
  frame(firstByte: number, payload?: string | Uint8Array): Buffer;
}

export type Role = 'client' | 'server';

export const ROLES: readonly Role[] = ['client', 'server'];

interface RawOptions {
  /** Of the WebSocket, or of the server that it belongs to. */
  readonly settings?: object;
  /** Of the peer's side of the handshake. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the peer keeps its side of the stream open until it ends it. */
  readonly allowHalfOpen?: boolean;
}

/** Opens a connection that is `role` to a raw peer. */
export async function openRawPair(engine: Engine, role: Role, options: RawOptions = {}): Promise<RawPair> {
  const ends = role === 'server' ? await acceptRaw(engine, options) : await connectToRaw(engine, options);
  return { ...ends, frame: (firstByte, payload = '') => frame(firstByte, payload, role === 'server') };
}

async function acceptRaw(engine: Engine, { settings, headers, allowHalfOpen = false }: RawOptions) {
  const { wss } = await serve(engine, settings);
  const connected = once(wss, 'connection');
  const peer = await upgradeRaw(wss.address().port, headers, { allowHalfOpen });
  onTestFinished(() => void peer.socket.destroy());
  return { socket: (await connected)[0] as CompatSocket, peer };
}

async function connectToRaw(engine: Engine, { settings, headers, allowHalfOpen = false }: RawOptions) {
  let tell = (_peer: RawPeer): void => {};
  const accepted = new Promise<RawPeer>((resolve) => {
    tell = resolve;
  });
  const server = await serveRaw(
    (peer, head) => {
      peer.socket.write(upgradeResponse(head, headers));
      tell(peer);
    },
    { allowHalfOpen },
  );
  const socket = new engine.WebSocket(server.url, undefined, settings);
  onTestFinished(async () => {
    socket.terminate();
    await server.close();
  });
  await once(socket, 'open');
  return { socket, peer: await accepted };
}

/** Resolves with the arguments of the next event; unlike `events.once`, an 'error' is nothing special. */
export function next(emitter: EventEmitter, event: string): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(event, (...args: unknown[]) => resolve(args)));
}

/** Resolves with the code and the reason of 'close'. */
export async function closing(socket: CompatSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await next(socket, 'close');
  return [code as number, String(reason)];
}

/** Resolves on 'close' with the names of the events that are asked for, in order, 'close' included. */
export function eventsUntilClose(socket: CompatSocket, names: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const name of names) socket.on(name, () => seen.push(name));
  return new Promise((resolve) => {
    socket.once('close', () => resolve([...seen, 'close']));
  });
}

/** Calls a function that takes a callback last, and resolves with what the callback gets. */
export function called(run: (callback: Callback) => void): Promise<Error | undefined> {
  return new Promise((resolve) => run(resolve));
}
