// The server that Autobahn's fuzzing client tests: echoes every message. Usage: echo-server.mjs IMPLEMENTATION
import { load } from './implementation.mjs';

const { WebSocketServer } = await load(process.argv[2]);
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
wss.on('connection', (ws) => {
  // A case that breaks the protocol on purpose is no news.
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
wss.on('listening', () => console.log(wss.address().port));
