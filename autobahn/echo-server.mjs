// The server that Autobahn's fuzzing client tests: echoes every message, and prints the port to connect to.
// Usage: echo-server.mjs IMPLEMENTATION [SEED]; with a seed, through a chopping proxy.
import { startChoppingProxy } from './chopping-proxy.mjs';
import { load } from './implementation.mjs';

const [, , implementation, seed] = process.argv;
const { WebSocketServer } = await load(implementation);
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
wss.on('connection', (ws) => {
  // A case that breaks the protocol on purpose is no news.
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
wss.on('listening', async () => {
  const { port } = wss.address();
  console.log(seed === undefined ? port : await startChoppingProxy(port, Number(seed)));
});
