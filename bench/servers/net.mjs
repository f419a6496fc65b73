// The floor of the platform: sockets without WebSockets. The first bytes are answered with what the runner says is the
// response to its opening handshake, all others with themselves.
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { say, settings } from './control.mjs';

const { tls, broadcast, response } = settings;
const sockets = new Set();
const server = tls
  ? createTlsServer({ ...tls, noDelay: true }, serve)
  : createServer({ noDelay: true }, serve);

server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));

function serve(socket) {
  socket.once('data', () => {
    socket.write(response);
    socket.on('data', broadcast ? sendToAll : (chunk) => socket.write(chunk));
  });
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', console.error);
}

function sendToAll(chunk) {
  for (const each of sockets) each.write(chunk);
}
