import { once } from 'node:events';
import { createServer, type Server as HttpServer, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ServerOptions, WebSocket, type WebSocketServer } from 'ws';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { ENGINES, type Engine } from './engines.ts';

/** How a server comes by its requests. */
export type Mode = 'port' | 'server' | 'noServer';

/** Each implementation in each mode that has a network. */
export const SERVED = ENGINES.flatMap((engine) =>
  (['port', 'server'] as const).map((mode) => ({ engine, mode, name: `${engine.name} with ${mode}` })),
);

export interface Served {
  readonly wss: WebSocketServer;
  readonly port: number;
  readonly url: string;
  /** The HTTP server that was given, in the modes `server` and `noServer`. */
  readonly http: HttpServer | undefined;
}

/** Starts a server for the test that is running. In `noServer` mode upgrades are handed over by `handleUpgrade`. */
export async function serve(
  engine: Engine,
  options: ServerOptions = {},
  mode: Mode = 'port',
): Promise<Served> {
  const http = mode === 'port' ? undefined : createServer().listen(0, '127.0.0.1');
  const wss = new engine.WebSocketServer({ ...options, ...modeOptions(mode, http) });
  if (mode === 'noServer') {
    http!.on('upgrade', (request, socket, head) => {
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
    });
  }
  const listener = http ?? wss;
  onTestFinished(() => stop(wss, http));
  await once(listener, 'listening');
  const { port } = (http ?? wss).address() as AddressInfo;
  return { wss, http, port, url: `ws://127.0.0.1:${port}/` };
}

function modeOptions(mode: Mode, http: HttpServer | undefined): ServerOptions {
  if (mode === 'port') return { port: 0, host: '127.0.0.1' };
  return mode === 'server' ? { server: http } : { noServer: true };
}

/** Ends a server and whoever is connected to it. */
export async function stop(wss: WebSocketServer, http?: HttpServer): Promise<void> {
  for (const ws of wss.clients ?? []) ws.terminate();
  wss.close();
  http?.closeAllConnections();
  if (http?.listening) await new Promise((resolve) => http.close(resolve));
}

/** Sends `request` and returns all that comes until the server closes. */
export async function answerTo(port: number, request: string): Promise<string> {
  const peer = await connectRaw(port);
  peer.socket.write(request);
  await peer.closed;
  return peer.received.toString();
}

/** Sends a request to upgrade and returns the lines of the answer's head; the connection is dropped then. */
export async function upgradeLines(port: number, request: string = upgradeRequest()): Promise<string[]> {
  const peer = await connectRaw(port);
  peer.socket.write(request);
  const head = await peer.takeHead();
  peer.socket.destroy();
  await peer.closed;
  return head.slice(0, -4).split('\r\n');
}

/** The bytes that refuse an upgrade. */
export function refusal(
  { name }: Engine,
  statusCode: number,
  body: string = STATUS_CODES[statusCode]!,
  headers: readonly string[] = [],
): string {
  return [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    'Connection: close',
    // The difference refusal-type.
    `Content-Type: ${name === 'ws' ? 'text/html' : 'text/plain; charset=utf-8'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}

/** What becomes of a client's attempt: 'open', or the error's message. */
export type Attempted = readonly ['open', protocol: string] | readonly ['error', message: string];

/** Connects a client of `ws`, waits for what becomes of it, and for its end. */
export async function attempt(...args: ConstructorParameters<typeof WebSocket>): Promise<Attempted> {
  const ws = new WebSocket(...args);
  const closed = new Promise((resolve) => ws.on('close', resolve));
  const attempted = await new Promise<Attempted>((resolve) => {
    ws.on('open', () => resolve(['open', ws.protocol]));
    ws.on('error', (error) => resolve(['error', error.message]));
  });
  ws.terminate();
  await closed;
  return attempted;
}

/** Connects a client of `ws` for the test that is running. */
export async function openClient(...args: ConstructorParameters<typeof WebSocket>): Promise<WebSocket> {
  const ws = new WebSocket(...args);
  onTestFinished(() => {
    ws.on('error', () => {});
    ws.terminate();
  });
  await once(ws, 'open');
  return ws;
}
