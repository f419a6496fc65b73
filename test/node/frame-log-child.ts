import { text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

/**
 * A client says hello to a server that sends it back; with the argument `streams`, each does so in pieces; with `much` the
 * client gets more than fits into the sockets, while it reads nothing for a time. With NODE_DEBUG=hawser the frames of both
 * go to stderr.
 */
const SERVERS = { streams: echoStreams, much: sendMuch };
const CLIENTS = { streams: sendStream, much: readLate };
const what = process.argv[2] as 'streams' | 'much' | undefined;
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
wss.on('connection', what === undefined ? echo : SERVERS[what]);
wss.on('listening', () => {
  const { port } = wss.address() as { port: number };
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  if (what === undefined) {
    client.on('open', () => client.send('hello')).on('message', () => client.close(1000, 'done'));
  } else {
    CLIENTS[what](client);
  }
  client.on('close', () => wss.close());
});

function echo(ws: WebSocket): void {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

async function echoStreams(ws: WebSocket): Promise<void> {
  for await (const stream of ws.messageStreams()) await ws.sendStream(stream, { binary: stream.isBinary });
}

async function sendStream(client: WebSocket): Promise<void> {
  await client.opened;
  const streams = client.messageStreams();
  await client.sendStream(['hel', 'lo']);
  console.log(await text((await streams.next()).value!));
  client.close(1000, 'done');
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
