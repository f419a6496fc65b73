import type {
  Http2SecureServer,
  Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';
import { asksForWebSocket } from '../handshake/http2-server-handshake.ts';

/** Called with an extended CONNECT that asks for a WebSocket, and that nobody has answered yet. */
export type OnConnect = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Tells whether a server is one of node:http2. */
export function isHttp2Server(server: object): server is Http2Server | Http2SecureServer {
  return typeof (server as Partial<Http2Server>).updateSettings === 'function';
}

/**
 * Has a server take extended CONNECT, in sessions that begin from now on, and listens for WebSockets.
 *
 * @returns How to stop listening.
 * @see RFC 8441 §3
 */
export function listenForConnects(server: Http2Server | Http2SecureServer, onConnect: OnConnect): () => void {
  server.updateSettings({ enableConnectProtocol: true });
  const stream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    if (!asksForWebSocket(headers)) return;
    stream.on('error', ignore);
    // Other listeners to 'stream' come first: what answers all streams, those of CONNECT too, goes before us.
    process.nextTick(() => {
      if (!stream.headersSent && !stream.destroyed) onConnect(stream, headers);
    });
  };
  const connect = Object.assign(
    (request: Http2ServerRequest, response: Http2ServerResponse): void => {
      if (asksForWebSocket(request.headers) || response.headersSent || isConnectTaken(server)) return;
      // As Node answers when nobody listens.
      response.statusCode = 405;
      response.end();
    },
    { [OURS]: true },
  );
  server.on('stream', stream).on('connect', connect);
  return () => {
    server.off('stream', stream).off('connect', connect);
  };
}

/** Marks listeners of 'connect' that are there so that Node does not refuse WebSockets. */
const OURS = Symbol('ours');

/** Whether the program takes CONNECT for something of its own. */
function isConnectTaken(server: Http2Server | Http2SecureServer): boolean {
  return server.listeners('connect').some((listener) => !(OURS in listener));
}

function ignore(): void {}
