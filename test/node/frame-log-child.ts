import { WebSocket, WebSocketServer } from '../../src/index.ts';

/**
 * A client says hello to a server that sends it back; or, with the argument `much`, gets more than fits into the sockets,
 * while it reads nothing for a time. With NODE_DEBUG=hawser the frames of both go to stderr.
 */
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
wss.on('connection', process.argv[2] === 'much' ? sendMuch : echo);
wss.on('listening', () => {
  const { port } = wss.address() as { port: number };
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  if (process.argv[2] === 'much') readLate(client);
  else client.on('open', () => client.send('hello')).on('message', () => client.close(1000, 'done'));
  client.on('close', () => wss.close());
});

function echo(ws: WebSocket): void {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

function sendMuch(ws: WebSocket): void {
  for (let i = 0; i < 64; i++) ws.send(Buffer.alloc(256 * 1024));
  ws.once('message', () => console.log(ws.writableNeedDrain ? 'full' : 'not full'));
  ws.once('drain', () => {
    console.log('drain');
    ws.close();
  });
}

function readLate(client: WebSocket): void {
  client.on('message', () => {});
  client.on('open', () => {
    client.pause();
    client.send('I read nothing', () => setImmediate(() => client.resume()));
  });
}
