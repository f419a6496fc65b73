// A program as people write it with @types/ws, which takes it: it is type-checked with the rest of this repository.
// test/package/typescript.test.ts compiles it against the packed Hawser, which has to take it too.
import http = require('node:http');
import https = require('node:https');
import stream = require('node:stream');
import WebSocket = require('ws');
import WebSocketServer = WebSocket.WebSocketServer;
import createWebSocketStream = WebSocket.createWebSocketStream;

// Clients.
const options: WebSocket.ClientOptions = { handshakeTimeout: 1000 };
options.headers = { 'x-one': '1' };
options.perMessageDeflate = { serverMaxWindowBits: 10, zlibDeflateOptions: { level: 9 }, threshold: 10 };
options.followRedirects = true;
options.maxPayload = 1024;
options.rejectUnauthorized = false;
options.finishRequest = (request: http.ClientRequest, websocket: WebSocket) => {
  request.setHeader('x-two', websocket.url);
  request.end();
};
options.generateMask = (mask: Buffer) => mask.fill(0);
const detached: WebSocket = new WebSocket(null);
const ws = new WebSocket('ws://localhost', ['chat'], options);
new WebSocket(new URL('ws://localhost'), 'chat', {
  agent: undefined,
  origin: 'http://a',
  auth: 'a:b',
  port: 1,
});
new WebSocket('ws://localhost', { protocolVersion: 8, allowSynchronousEvents: false, autoPong: false });
new WebSocket('ws://localhost', [], { maxFragments: 1, maxBufferedChunks: 2, skipUTF8Validation: true });

// Properties.
const numbers: number[] = [ws.bufferedAmount, ws.readyState, WebSocket.OPEN, ws.CLOSING];
const strings: string[] = [ws.url, ws.protocol, ws.extensions, ws.binaryType];
const flags: boolean[] = [ws.isPaused, ws.readyState === WebSocket.CLOSED];
ws.binaryType = 'arraybuffer';

// Sending.
ws.send('text');
ws.send(Buffer.alloc(1), (error?: Error) => error?.message);
ws.send(new Uint8Array(1), { binary: true, compress: false, fin: false, mask: true });
ws.send(new ArrayBuffer(1), { fin: true }, (error) => error?.message);
ws.send([1, 2, 3]);
ws.send(5);
ws.send(new Blob(['a']));
ws.ping();
ws.ping('a', true, (error: Error) => error.message);
ws.pong(Buffer.alloc(1), false, () => {});
ws.close(1000, 'reason');
ws.close(1000, Buffer.from('reason'));
ws.terminate();
ws.pause();
ws.resume();

// Events.
ws.on('open', () => {});
ws.on('open', function () {
  this.send('a');
});
ws.on('message', (data, isBinary) => console.log(data.toString(), isBinary === true));
ws.on('message', (data: WebSocket.RawData, isBinary: boolean) =>
  ws.send(data as Buffer, { binary: isBinary }),
);
ws.on('message', (data: WebSocket.Data) => String(data));
ws.on('message', (message: string) => message.length);
ws.on('close', (code, reason) => [code.toFixed(), reason.toString()]);
ws.on('error', (error) => error.message);
ws.on('ping', (data) => data.length);
ws.on('pong', (data: Buffer) => data.length);
ws.on('upgrade', (request) => request.headers);
ws.on('redirect', (url, request) => [url.length, request.getHeader('host')]);
ws.on('unexpected-response', (request, response) => [request.path, response.statusCode]);
ws.on('of my own', (anything) => anything.whatever);
ws.once('message', (data) => data.toString()).off('message', () => {});
ws.addListener('open', () => {}).removeListener('open', () => {});
ws.removeAllListeners('message');
ws.emit('message', Buffer.alloc(0), false);
const count: number = ws.listenerCount('open');
ws.onopen = (event) => event.target.send('a');
ws.onmessage = ({ data, type }) => [data.toString(), type];
ws.onclose = (event: WebSocket.CloseEvent) => [event.code, event.reason, event.wasClean];
ws.onerror = (event: WebSocket.ErrorEvent) => [event.error.code, event.message];
ws.onmessage = null;
ws.addEventListener('message', (event: WebSocket.MessageEvent) => event.data, { once: true });
ws.addEventListener('close', { handleEvent: (event) => event.code });
ws.removeEventListener('error', (event) => event.message);

// Servers.
const httpServer = http.createServer();
const wss = new WebSocketServer({ port: 8080, clientTracking: true, path: '/a' }, () => {});
const others: WebSocket.Server[] = [
  new WebSocket.Server({
    server: httpServer,
    host: 'localhost',
    backlog: 5,
    maxPayload: 10,
    perMessageDeflate: true,
  }),
  new WebSocket.WebSocketServer({ server: https.createServer() }),
  new WebSocketServer({ noServer: true, WebSocket }),
];
const serverOptions: WebSocket.ServerOptions = {};
serverOptions.verifyClient = (info: { origin: string; secure: boolean; req: http.IncomingMessage }) =>
  info.secure;
serverOptions.verifyClient = (info, callback) => callback(info.origin === 'a', 401, 'No', { 'x-one': '1' });
const sync: WebSocket.VerifyClientCallbackSync = ({ req }) => req.url === '/';
const async: WebSocket.VerifyClientCallbackAsync = (info, done) => done(info.secure);
serverOptions.verifyClient = sync;
serverOptions.verifyClient = async;
serverOptions.handleProtocols = (protocols, request) => (protocols.has('a') && request.url ? 'a' : false);
wss.on('connection', (socket, request) => {
  const same: WebSocket = socket;
  same.send(request.url ?? '');
});
wss.on('connection', function (socket: WebSocket, request: http.IncomingMessage) {
  for (const client of this.clients) if (client !== socket) client.send(request.method ?? '');
});
wss.on('headers', (headers, request) => headers.push(`X: ${request.url}`));
wss.on('wsClientError', (error, socket, request) => socket.end(error.message + request.url));
wss.on('listening', () => {});
wss.on('error', (error) => error.message);
wss.on('close', () => {});
wss.once('connection', (socket) => socket.close());
const address = wss.address() as WebSocket.AddressInfo;
httpServer.on('upgrade', (request, socket, head) => {
  if (!wss.shouldHandle(request)) socket.destroy();
  wss.handleUpgrade(request, socket, head, (client, upgraded) => wss.emit('connection', client, upgraded));
});
wss.close((error?: Error) => error?.message);

// Classes of one's own.
class Session extends WebSocket {
  user = 'nobody';
}
class Request extends http.IncomingMessage {
  id = 1;
}
const typed = new WebSocketServer<typeof Session, typeof Request>({ noServer: true, WebSocket: Session });
typed.on('connection', (session, request) => [session.user, request.id.toFixed()]);
for (const session of typed.clients) console.log(session.user);
class Rooms extends WebSocketServer {
  override shouldHandle(request: http.IncomingMessage): boolean {
    return request.url === '/rooms';
  }
}

// Streams.
const duplex: stream.Duplex = createWebSocketStream(ws, { encoding: 'utf8', allowHalfOpen: false });
duplex.pipe(WebSocket.createWebSocketStream(detached)).pipe(duplex);

export = { address, count, flags, numbers, others, Rooms, strings };
