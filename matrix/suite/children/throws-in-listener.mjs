// An application's own exception is not swallowed: it ends the process.
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'hawser';

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
wss.on('connection', (ws) => ws.send('text'));
await once(wss, 'listening');
new WebSocket(`ws://127.0.0.1:${wss.address().port}/`).on('message', () => {
  throw new Error('thrown by the application');
});
