import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from '../src/index.ts';

/** What the server tells of itself, in bytes, after a garbage collection. */
export interface ServerState {
  readonly clients: number;
  readonly uncaught: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

let uncaught = 0;
process.on('uncaughtException', () => {
  uncaught++;
});

async function main(): Promise<void> {
  const wss = new WebSocketServer({ port: 0, host: '0.0.0.0', backlog: 4096, maxPayload: 1 << 20 });
  wss.on('connection', (ws) => {
    ws.on('error', () => {});
    ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));
  });
  await once(wss, 'listening');
  process.on('message', () => {
    globalThis.gc!();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const state: ServerState = { clients: wss.clients.size, uncaught, rss, heapUsed, arrayBuffers };
    process.send!(state);
  });
  process.send!((wss.address() as AddressInfo).port);
}

main();
