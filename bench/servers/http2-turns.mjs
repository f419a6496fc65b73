// A server that gives clients messages, and the next when they have answered: over TLS, as undici's client and Deno's speak
// HTTP/2 there alone. It knows no messages itself.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:tls';
import { BINARY, frame } from '../frames.mjs';
import { PAYLOADS } from '../payloads.mjs';
import { say, settings } from './control.mjs';
import { answerMarks } from './marks.mjs';

const { certificate, http2, connections, messages, atATime, payloadBytes } = settings;
/** What a turn is written in. */
const pieces = Array.from({ length: messages / atATime }, (_, piece) =>
  Buffer.concat(
    Array.from({ length: atATime }, (_, i) =>
      frame(BINARY, PAYLOADS.binary(payloadBytes, piece * atATime + i)),
    ),
  ),
);

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_STREAMS = 1_024;

const turns = [];

const SERVERS = {
  http2() {
    const settings = { enableConnectProtocol: true, maxConcurrentStreams: MAX_STREAMS };
    const server = createSecureServer({ ...certificate, settings });
    server.on('session', (session) => session.on('error', console.error));
    return server.on('stream', (stream, { 'sec-websocket-key': key }) => {
      stream.on('error', console.error);
      // undici's client wants an answer to its key, which RFC 8441 leaves out.
      stream.respond({ ':status': 200, ...(key && { 'sec-websocket-accept': acceptFor(key) }) });
      serve(stream);
    });
  },

  http1() {
    return createServer(certificate, async (socket) => {
      socket.on('error', console.error);
      const [request] = await once(socket, 'data');
      const [, key] = /^sec-websocket-key: (\S+)/im.exec(String(request));
      const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptFor(key)}`];
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      serve(socket);
    });
  },
};

function acceptFor(key) {
  return createHash('sha1').update(`${key}${ACCEPT_GUID}`).digest('base64');
}

function serve(duplex) {
  const at = turns.push(0) - 1;
  const write = () => {
    for (const piece of pieces) duplex.write(piece);
  };
  duplex.on('data', () => {
    turns[at]++;
    write();
  });
  write();
  if (turns.length === connections) say({});
}

answerMarks(turns, messages);

const server = SERVERS[http2 ? 'http2' : 'http1']();
await once(server.listen(0, '127.0.0.1'), 'listening');
say({ port: server.address().port });
