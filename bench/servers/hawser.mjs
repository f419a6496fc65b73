import { say, settings } from './control.mjs';

const { WebSocketServer } = await import(settings.module);
const { tls, deflate, broadcast, receive, fastPath } = settings;
const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  tls,
  fastPath,
  perMessageDeflate: deflate,
});

server.on('connection', (socket) => {
  socket.on('error', console.error);
  socket.on('message', (data, isBinary) => {
    if (receive) socket.send('.');
    else if (!broadcast) socket.send(data, { binary: isBinary });
    else for (const client of server.clients) client.send(data, { binary: isBinary });
  });
});
server.on('listening', () => say({ port: server.address().port }));
