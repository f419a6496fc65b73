// A bridge between a WebSocket over HTTP/1.1 and one over HTTP/2 (RFC 8441), which copies the bytes of frames: so a suite
// that speaks HTTP/1.1 alone tests an end that speaks HTTP/2.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import http2 from 'node:http2';
import { connect } from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const COPIED = ['sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions', 'origin'];
const { NGHTTP2_CANCEL } = http2.constants;

/** Starts a bridge that takes HTTP/1.1, before a server on `targetPort` that takes HTTP/2. */
export async function startFrontBridge(targetPort) {
  const server = createServer();
  const session = http2.connect(`http://127.0.0.1:${targetPort}`);
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  server.on('upgrade', (request, socket, head) => {
    const stream = session.request(
      { ':method': 'CONNECT', ':protocol': 'websocket', ':path': request.url, ...copied(request.headers) },
      { endStream: false },
    );
    stream.once('response', (headers) => {
      const accept = createHash('sha1')
        .update(request.headers['sec-websocket-key'] + GUID)
        .digest('base64');
      const lines = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${accept}`,
        ...Object.entries(copied(headers)).map(([name, value]) => `${name}: ${value}`),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (head.length > 0) stream.write(head);
      join(socket, stream);
    });
    stream.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    session.destroy();
  };
  return { port: server.address().port, close };
}

/** Starts a bridge that takes HTTP/2, before a server on `targetPort` that takes HTTP/1.1. */
export async function startBackBridge(targetPort) {
  const server = http2.createServer({ settings: { enableConnectProtocol: true } });
  const sessions = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {}).on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const socket = connect(targetPort, '127.0.0.1');
    const lines = [
      `GET ${headers[':path']} HTTP/1.1`,
      `Host: 127.0.0.1:${targetPort}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...Object.entries(copied(headers)).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    let received = Buffer.alloc(0);
    const onData = (chunk) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', onData).pause();
      const [status, ...rest] = received.toString('latin1', 0, end).split('\r\n');
      const fields = Object.fromEntries(
        rest.map((line) => line.split(/: ?(.*)/)).map(([n, v]) => [n.toLowerCase(), v]),
      );
      const accepted = status.includes(' 101 ');
      stream.respond({ ':status': accepted ? 200 : 502, ...copied(fields) });
      socket.unshift(received.subarray(end + 4));
      join(socket, stream);
    };
    socket.on('data', onData);
    socket.on('error', () => {}).on('close', () => stream.close(NGHTTP2_CANCEL));
    stream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const session of sessions) session.destroy();
  };
  return { port: server.address().port, close };
}

/** Copies both ways; an end is an end there, a reset a reset (RFC 8441 §5). */
function join(socket, stream) {
  socket.setNoDelay(true);
  socket.pipe(stream);
  stream.pipe(socket);
  socket.on('error', () => stream.close(NGHTTP2_CANCEL));
  socket.on('close', () => stream.close(NGHTTP2_CANCEL));
  stream.on('close', () => socket.destroySoon());
}

function copied(headers) {
  return Object.fromEntries(
    COPIED.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
  );
}
