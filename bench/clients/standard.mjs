// Clients of Bun and of Deno, with the WebSocket that they have: see ws.mjs.
import { settings } from '../servers/control.mjs';
import { Turns } from './turns.mjs';

for (let i = 0; i < settings.connections; i++) {
  const socket = new WebSocket(settings.url);
  const turns = new Turns(() => socket.send('.'));
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => turns.take(data.byteLength);
}
