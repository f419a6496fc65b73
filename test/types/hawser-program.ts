// What the types of Hawser say beyond those of @types/ws, and what they refuse. It is type-checked with the rest of
// this repository, and by test/package/typescript.test.ts against the packed Hawser.
import { createServer, IncomingMessage } from 'node:http';
import WebSocket, {
  type DrainResult,
  PreparedMessage,
  type RawData,
  WebSocketServer,
} from '../../src/index.ts';

declare const ws: WebSocket;

// A text message is a Buffer, whatever `binaryType` is.
ws.on('message', (data, isBinary) => {
  const message: RawData = data;
  if (!isBinary) return data.toString('utf8');
  // @ts-expect-error It may be an ArrayBuffer, too.
  data.subarray(0);
  return message;
});

// A `binaryType` that is given at construction is known from then on.
const buffers = new WebSocket('ws://localhost', { binaryType: 'arraybuffer' });
buffers.on('message', (data, isBinary) => (isBinary ? data.slice(0, 1) : data.subarray(0, 1)));
const blobs = new WebSocket('ws://localhost', ['chat'], { binaryType: 'blob' });
blobs.once('message', async (data, isBinary) => (isBinary ? (await data.text()).length : data.length));
const pieces: WebSocket<'fragments'> = new WebSocket('ws://localhost');
pieces.prependListener('message', (data, isBinary) => isBinary && Buffer.concat(data));
const plain: WebSocket[] = [buffers, blobs, pieces];

// A server knows the class that it creates and the requests that it sees.
class Session extends WebSocket {
  user = 'nobody';
}
class NumberedRequest extends IncomingMessage {
  id = 1;
}
const sessions = new WebSocketServer({
  WebSocket: Session,
  server: createServer({ IncomingMessage: NumberedRequest }),
  handleProtocols: (protocols, request) => (protocols.has('a') && request.url ? 'a' : false),
});
sessions.on('connection', (session, request) => [session.user, request.id.toFixed()]);
sessions.handleUpgrade(new NumberedRequest(null!), null!, Buffer.alloc(0), (session) => session.user);
for (const session of sessions.clients) console.log(session.user);
const count: number = sessions.broadcast('text', { filter: (session) => session.user === 'somebody' });
ws.send(new PreparedMessage('for many'), { compress: false }, (error) => error?.message);
const anyServer: WebSocketServer = sessions as unknown as WebSocketServer;

// What a server promises of its connections, with units in the names.
const guarded = new WebSocketServer({
  noServer: true,
  heartbeat: { intervalMs: 20_000 },
  origins: ['https://example.com'],
  maxConnections: 10_000,
  maxControlFramesPerSecond: 50,
});
const drained: Promise<DrainResult> = guarded.drain({
  deadlineMs: 5_000,
  signal: AbortSignal.timeout(1_000),
});
drained.then(({ closed, terminated, durationMs }) => (closed + terminated) / durationMs);
export const latencyMs: number | undefined = ws.latencyMs;
new WebSocket('ws://localhost', { heartbeat: true });

// The parameters of verifyClient need no types, with a callback and without.
new WebSocketServer({ noServer: true, verifyClient: (info) => info.secure });
new WebSocketServer({ noServer: true, verifyClient: ({ origin }) => origin === 'http://a' });
new WebSocketServer({ noServer: true, verifyClient: ({ req }, done) => done(req.url === '/', 403) });

// What does not compile.
// @ts-expect-error Bytes can't be made of it.
ws.send(Symbol('a'));
// @ts-expect-error It is read only.
ws.readyState = 1;
// @ts-expect-error It is read only.
ws.url = 'ws://localhost';
void ws.ready({ signal: new AbortController().signal }).then(() => ws.send('a'));
ws.on('drain', () => console.log(ws.writableNeedDrain, ws.droppedMessages));
// @ts-expect-error There is no such policy.
new WebSocketServer({ noServer: true, slowPeer: 'drop' });

// @ts-expect-error There is no such type.
ws.binaryType = 'text';
// @ts-expect-error A code is a number.
ws.close('1000');
// @ts-expect-error Reasons are strings or bytes.
ws.close(1000, 5);
// @ts-expect-error There is no such option.
ws.send('a', { compressed: true });
// @ts-expect-error It calls with an error or with nothing.
ws.send('a', (bytes: number) => bytes);
// @ts-expect-error There is no such event here.
ws.addEventListener('ping', () => {});
// @ts-expect-error There is no such method.
ws.dispatch();
// @ts-expect-error It needs an address.
new WebSocket();
// @ts-expect-error A limit is a number.
new WebSocket('ws://localhost', { maxPayload: '1 MiB' });
// @ts-expect-error There is no such option.
new WebSocket('ws://localhost', { maxPayloads: 1 });
// @ts-expect-error There is no such word.
new WebSocketServer({ noServer: true, origins: 'all' });
// @ts-expect-error It is measured, not set.
ws.latencyMs = 1;
// @ts-expect-error It has a unit.
guarded.drain({ deadline: 5 });
// @ts-expect-error A port is a number.
new WebSocketServer({ port: '80' });
// @ts-expect-error It is no class of connections.
new WebSocketServer({ noServer: true, WebSocket: IncomingMessage });
// @ts-expect-error A Blob has to be read first.
new PreparedMessage(new Blob(['a']));
// @ts-expect-error A session has no such field.
sessions.on('connection', (session) => session.name);

export { anyServer, count, plain };

/** Iterations, streams, scope: nothing more of `lib` than Node's types bring. */
export async function awaits(address: string): Promise<void> {
  const ws = new WebSocket(address, { signal: AbortSignal.timeout(1000), maxStreamedBytes: 2 ** 30 });
  const { protocol, extensions } = await ws.opened;
  await ws.sendStream([protocol, extensions], { compress: false });
  ws.send('text', { signal: AbortSignal.timeout(1000) });
  for await (const message of ws) console.log(typeof message === 'string' ? message : 'bytes');
  for await (const message of ws.messageStreams()) message.pipe(process.stdout, { end: !message.isBinary });
  await ws[Symbol.asyncDispose]();
  const wss = new WebSocketServer({ port: 0 });
  for await (const connection of wss) connection.close();
  for await (const { readable, writable, request } of wss.streams()) {
    console.log(request.url);
    await readable.pipeTo(writable);
  }
}
