import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClientOptions, ServerOptions } from '../../src/index.ts';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { OVER_HTTP2 } from './over-http2.ts';

export interface TestServer {
  readonly wss: WebSocketServer;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server of the engine on a port of its own. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const wss = new WebSocketServer({ http2: OVER_HTTP2, ...options, port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  const { port } = wss.address() as AddressInfo;
  return {
    wss,
    port,
    url: `ws://127.0.0.1:${port}/`,
    async close() {
      for (const ws of wss.clients) ws.terminate();
      await new Promise((resolve) => wss.close(resolve));
    },
  };
}

/** As {@link startServer}, for the test that is running: it is closed at its end. */
export async function startTestServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** Sends back whatever comes, as it came. */
export function echo(ws: WebSocket): void {
  ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));
}

/** Makes a client. */
export function createClient(url: string, options: ClientOptions = {}): WebSocket {
  // Redirects are of HTTP/1.1.
  return new WebSocket(url, { http2: OVER_HTTP2 && !options.followRedirects, ...options });
}

/** Opens a client. */
export async function openClient(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const ws = createClient(url, options);
  await once(ws, 'open');
  return ws;
}

/** Waits for the next connection; `use` is called with it at once, while none of its messages has been read. */
export function nextConnection<T>(wss: WebSocketServer, use: (ws: WebSocket) => T): Promise<T> {
  return new Promise((resolve) => wss.once('connection', (ws) => resolve(use(ws))));
}

/** Resolves with the close code; listens for nothing else, as `events.once` would for 'error'. */
export function closeCode(ws: WebSocket): Promise<number> {
  return new Promise((resolve) => ws.once('close', resolve));
}

/** Sends `text` and waits for the same to come back. */
export async function expectEcho(ws: WebSocket, text: string): Promise<void> {
  const message = once(ws, 'message');
  ws.send(text);
  const [data] = await message;
  if (String(data) !== text) throw new Error(`Sent ${text}, but ${data} came back`);
}

/** What a connection tells of its end. */
export type EndEvent = ['error', code: unknown] | ['close', code: number, reason: string];

/** Collects the 'error' and 'close' events of a connection; resolves on 'close'. */
export function ending(ws: WebSocket): Promise<EndEvent[]> {
  const events: EndEvent[] = [];
  ws.on('error', (error: Error & { code?: unknown }) => events.push(['error', error.code]));
  return new Promise((resolve) => {
    ws.on('close', (code, reason) => {
      events.push(['close', code, String(reason)]);
      resolve(events);
    });
  });
}
