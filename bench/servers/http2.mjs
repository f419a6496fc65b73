// Servers of WebSockets over HTTP/1.1 and HTTP/2: they send a message back, or to everybody.
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { say, settings } from './control.mjs';

const { server: kind, http2, broadcast, module } = settings;

/** As many as a port of Hawser takes. */
const MAX_STREAMS = 1_024;

/** What ws sets by itself where it is a server that opens. */
const WS_OPTIONS = { allowSynchronousEvents: true, maxPayload: 100 * 2 ** 20, skipUTF8Validation: false };

/** Each listens, and returns its address. */
const SERVERS = {
  async hawser() {
    const { WebSocketServer } = await import(module);
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', http2 });
    server.on('connection', (ws) => {
      ws.on('error', console.error);
      ws.on('message', (data, isBinary) => {
        if (broadcast) server.broadcast(data, { binary: isBinary });
        else ws.send(data, { binary: isBinary });
      });
    });
    await once(server, 'listening');
    return server.address();
  },

  /** It does not know HTTP/2: what some programs do by hand. */
  async ws() {
    const { WebSocket } = await import(module);
    const clients = new Set();
    return listen((stream) => {
      const ws = new WebSocket(null, undefined, {});
      clients.add(ws);
      ws.on('close', () => clients.delete(ws));
      ws.on('error', console.error);
      ws.on('message', (data, isBinary) => {
        for (const each of broadcast ? clients : [ws]) each.send(data, { binary: isBinary });
      });
      ws.setSocket(stream, Buffer.alloc(0), WS_OPTIONS);
    });
  },

  /** Knows no messages: what comes goes back. */
  node() {
    const streams = new Set();
    return listen((stream) => {
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
      stream.on('data', (chunk) => {
        for (const each of broadcast ? streams : [stream]) each.write(chunk);
      });
      stream.on('end', () => stream.end());
    });
  },
};

async function listen(onStream) {
  const server = createServer({
    settings: { enableConnectProtocol: true, maxConcurrentStreams: MAX_STREAMS },
  });
  server.on('session', (session) => session.on('error', console.error));
  server.on('stream', (stream) => {
    stream.on('error', console.error);
    stream.respond({ ':status': 200 });
    onStream(stream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server.address();
}

say({ port: (await SERVERS[kind]()).port });
