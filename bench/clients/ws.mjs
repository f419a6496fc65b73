// Clients of Hawser and of ws: they count messages, and answer each turn of them.
import { settings } from '../servers/control.mjs';
import { Turns } from './turns.mjs';

const { WebSocket } = await import(settings.module);

for (let i = 0; i < settings.connections; i++) {
  const socket = new WebSocket(settings.url, { perMessageDeflate: false });
  const turns = new Turns(() => socket.send('.'));
  socket.on('error', console.error);
  socket.on('message', (data) => turns.take(data.length));
}
