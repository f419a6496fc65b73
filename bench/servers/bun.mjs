import { say, settings } from './control.mjs';

const { tls, deflate, broadcast } = settings;
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  tls,
  fetch(request, server) {
    if (!server.upgrade(request)) return new Response('WebSockets only', { status: 426 });
  },
  websocket: {
    perMessageDeflate: deflate,
    open(socket) {
      if (broadcast) socket.subscribe('all');
    },
    message(socket, message) {
      if (broadcast) server.publish('all', message);
      else socket.send(message, deflate);
    },
  },
});
say({ port: server.port });
