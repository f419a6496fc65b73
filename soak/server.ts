import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer as WsServer } from 'ws';
import { type WebSocket, WebSocketServer } from '../src/index.ts';

/** What the server tells of itself, in bytes, after a garbage collection. */
export interface ServerState {
  readonly clients: number;
  readonly uncaught: number;
  readonly rss: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

/** Whose server is loaded. */
export type Engine = 'hawser' | 'ws';

const ENGINES: Record<Engine, typeof WebSocketServer> = {
  hawser: WebSocketServer,
  ws: WsServer as unknown as typeof WebSocketServer,
};

let uncaught = 0;
const seen = new Set<string>();
process.on('uncaughtException', (error) => {
  uncaught++;
  const { stack = String(error) } = error;
  if (!seen.has(stack)) console.error(stack);
  seen.add(stack);
});

/** @param engine - `ws` has no heartbeat, and ignores the option. */
async function main(engine: Engine): Promise<void> {
  const wss = new ENGINES[engine]({
    port: 0,
    host: '0.0.0.0',
    backlog: 4096,
    maxPayload: 1 << 20,
    heartbeat: { intervalMs: 5000 },
  });
  wss.on('connection', (ws: WebSocket) => {
    ws.on('error', () => {});
    ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));
  });
  await once(wss, 'listening');
  process.on('message', () => {
    globalThis.gc!();
    const memory = process.memoryUsage();
    const state: ServerState = { clients: wss.clients.size, uncaught, ...memory };
    process.send!(state);
  });
  process.send!((wss.address() as AddressInfo).port);
}

main(process.argv[2] as Engine);
