// The server that Autobahn's fuzzing client tests: echoes every message, and prints the port to connect to.
// Usage: echo-server.mjs IMPLEMENTATION [SEED | h2]; with a seed, through a chopping proxy; with h2, over HTTP/2.

import { startFrontBridge } from '../test/behaviour/http2-bridge.mjs';
import { startChoppingProxy } from './chopping-proxy.mjs';
import { load } from './implementation.mjs';

const [, , implementation, via] = process.argv;
const { WebSocketServer } = await load(implementation);
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true, http2: via === 'h2' });
wss.on('connection', (ws) => {
  // A case that breaks the protocol on purpose is no news.
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
wss.on('listening', async () => {
  const { port } = wss.address();
  console.log(await reachableAt(port));
});

async function reachableAt(port) {
  if (via === undefined) return port;
  if (via === 'h2') return (await startFrontBridge(port)).port;
  return startChoppingProxy(port, Number(via));
}
