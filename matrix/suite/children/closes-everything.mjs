// Opens and closes servers and clients, with and without compression; the process has to end by itself.
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'hawser';

for (const perMessageDeflate of [false, { threshold: 0 }]) {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  wss.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
  await once(wss, 'listening');
  const ws = new WebSocket(`ws://127.0.0.1:${wss.address().port}/`, {
    perMessageDeflate,
    handshakeTimeout: 60_000,
  });
  await once(ws, 'open');
  ws.send('text');
  await once(ws, 'message');
  ws.close(1000);
  await once(ws, 'close');
  await new Promise((resolve) => wss.close(resolve));
}
console.log('all closed');
