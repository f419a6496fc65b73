// The floor of the platform: sockets that count the bytes of the messages, see ws.mjs.
import { connect } from 'node:net';
import { settings } from '../servers/control.mjs';

const { url, connections, request, turnBytes } = settings;
const answer = Buffer.from(settings.answer, 'base64');
const { hostname, port } = new URL(url);

for (let i = 0; i < connections; i++) {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let bytes = 0;
  const take = (count) => {
    bytes += count;
    if (bytes < turnBytes) return;
    bytes -= turnBytes;
    socket.write(answer);
  };
  socket.on('error', console.error);
  socket.write(request);
  socket.once('data', (head) => {
    socket.on('data', (chunk) => take(chunk.length));
    take(head.length - (head.indexOf('\r\n\r\n') + 4));
  });
}
