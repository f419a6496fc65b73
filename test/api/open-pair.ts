import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClientOptions, ServerOptions } from '../../src/api/options.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { WebSocketServer } from '../../src/api/websocket-server.ts';

/** Starts a server that ends with the test. */
export async function listening(options: ServerOptions = {}): Promise<{ wss: WebSocketServer; url: string }> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
  });
  await once(wss, 'listening');
  return { wss, url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/` };
}

/** Opens both ends of a connection that ends with the test. */
export async function openPair(
  options: ServerOptions = {},
  clientOptions: ClientOptions = {},
): Promise<{ client: WebSocket; server: WebSocket; wss: WebSocketServer }> {
  const { wss, url } = await listening(options);
  const client = new WebSocket(url, clientOptions);
  onTestFinished(() => client.terminate());
  const [[server]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]);
  return { client, server, wss };
}

/** Waits for 'close', whatever 'error' there is before it; returns the close code. */
export function closeCodeOf(ws: WebSocket): Promise<number> {
  return new Promise((resolve) => ws.once('close', resolve));
}
