import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer as WsServer, WebSocket as WsWebSocket } from 'ws';
import type { PerMessageDeflateOptions } from '../../src/index.ts';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { makeCertificate } from '../e2e/certificate.ts';

/** What the connections of `ws` and of the engine have in common, and the tests use. */
export interface Peer extends NodeJS.EventEmitter {
  readonly protocol: string;
  readonly extensions: string;
  send(data: string | Uint8Array, options?: { binary?: boolean; fin?: boolean; compress?: boolean }): void;
  ping(data?: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

export interface PeerServer extends NodeJS.EventEmitter {
  readonly clients: ReadonlySet<Peer>;
  close(callback: () => void): void;
}

export interface ServerSettings {
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  readonly handleProtocols?: (protocols: Set<string>) => string | false;
}

export interface ClientSettings {
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  readonly rejectUnauthorized?: boolean;
}

/** One of the two libraries. */
export interface Library {
  readonly serve: (options: ServerSettings & { server: Server }) => PeerServer;
  readonly connect: (url: string, protocols: string[], settings: ClientSettings) => Peer;
}

export const hawser: Library = {
  serve: (options) => new WebSocketServer(options) as unknown as PeerServer,
  connect: (url, protocols, settings) => new WebSocket(url, protocols, settings) as unknown as Peer,
};

export const ws: Library = {
  serve: (options) => new WsServer(options as object) as unknown as PeerServer,
  connect: (url, protocols, settings) =>
    new WsWebSocket(url, protocols, settings as object) as unknown as Peer,
};

export interface ServerUnderTest {
  readonly url: string;
  readonly wss: PeerServer;
  /** The lines of the responses that upgraded. */
  readonly responseLines: readonly string[];
}

/** Attaches a server to an HTTP or HTTPS server, for the test that is running. */
export async function serve(
  library: Library,
  { secure = false, ...settings }: ServerSettings & { secure?: boolean } = {},
): Promise<ServerUnderTest> {
  const server = secure ? createTlsServer(makeCertificate()) : createServer();
  const wss = library.serve({ ...settings, server });
  const responseLines: string[] = [];
  wss.on('headers', (lines: string[]) => responseLines.push(...lines));
  await listen(server);
  onTestFinished(() => closeAll(wss, server));
  const { port } = server.address() as AddressInfo;
  return { url: `${secure ? 'wss' : 'ws'}://localhost:${port}/`, wss, responseLines };
}

/** As {@link serve}, on the raw server that the engine has of its own. */
export async function serveOnPort(settings: ServerSettings & { secure?: boolean }): Promise<ServerUnderTest> {
  const { secure = false, ...options } = settings;
  const tls = secure ? makeCertificate() : undefined;
  const wss = new WebSocketServer({ ...options, port: 0, tls });
  const responseLines: string[] = [];
  wss.on('headers', (lines) => responseLines.push(...lines));
  await once(wss, 'listening');
  onTestFinished(() => closeAll(wss as unknown as PeerServer));
  const { port } = wss.address() as AddressInfo;
  return {
    url: `${secure ? 'wss' : 'ws'}://localhost:${port}/`,
    wss: wss as unknown as PeerServer,
    responseLines,
  };
}

/** Both ends of one connection. */
export interface Pair {
  readonly client: Peer;
  readonly server: Peer;
}

/** Connects a client to a server. */
export async function openPair(
  { wss, url }: ServerUnderTest,
  library: Library,
  settings: ClientSettings & { protocols?: string[] } = {},
): Promise<Pair> {
  const { protocols = [], ...options } = settings;
  const accepted = once(wss, 'connection');
  const client = library.connect(url, protocols, { ...options, rejectUnauthorized: false });
  await once(client, 'open');
  const [server] = await accepted;
  return { client, server: server as Peer };
}

/** Resolves with what 'close' tells. */
export async function closing(peer: Peer): Promise<[code: number, reason: string]> {
  const [code, reason] = await once(peer, 'close');
  return [code as number, String(reason)];
}

async function listen(server: Server): Promise<void> {
  server.listen(0);
  await once(server, 'listening');
}

async function closeAll(wss: PeerServer, server?: Server): Promise<void> {
  for (const client of wss.clients) client.terminate();
  await new Promise<void>((resolve) => wss.close(resolve));
  if (server === undefined) return;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
