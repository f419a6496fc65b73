// Clients of a room: they connect, say what puts them in, and tell the control connection when all have got a
// turn of messages.
import { once } from 'node:events';
import { connect } from 'node:net';
import { maskedFrame, TEXT } from '../frames.mjs';
import { say, settings } from '../servers/control.mjs';

const { port, control, path, hello, clients, atATime } = settings;

/** Once in every message, and in nothing else that comes: no head of a frame has it either. */
const MARK = '^'.charCodeAt(0);

const request = `${[
  `GET ${path} HTTP/1.1`,
  `Host: 127.0.0.1:${port}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
].join('\r\n')}\r\n\r\n`;

const toServer = connect(control, '127.0.0.1');
await once(toServer, 'connect');

let got = 0;

for (let i = 0; i < clients; i++) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  const [response] = await once(socket, 'data');
  if (!response.toString().startsWith('HTTP/1.1 101 ')) {
    console.error(response.toString());
    process.exit(1);
  }
  if (hello !== undefined) socket.write(maskedFrame(TEXT, Buffer.from(hello)));
  socket.on('data', (chunk) => {
    for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + 1)) got++;
    if (got < clients * atATime) return;
    got = 0;
    toServer.write('.');
  });
  socket.on('close', () => process.exit(1));
}

say({});
