import { say, settings } from './control.mjs';

const { tls, broadcast } = settings;
const sockets = new Set();

Deno.serve({ port: 0, hostname: '127.0.0.1', ...tls, onListen: ({ port }) => say({ port }) }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = 'arraybuffer';
  sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    if (!broadcast) socket.send(data);
    else for (const each of sockets) each.send(data);
  };
  return response;
});
