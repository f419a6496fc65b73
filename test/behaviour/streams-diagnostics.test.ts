import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type ChannelMessages, WebSocket } from '../../src/index.ts';
import { WebSocketStream } from '../../src/web/index.ts';
import { nextOf, recorded } from '../diagnostics/recorded.ts';
import { closeCode, nextConnection, openClient, startTestServer } from './engine.ts';

/** Opens a connection; both ends. */
async function openBoth(options = {}) {
  const server = await startTestServer(options);
  const accepted = nextConnection(server.wss, (ws) => ws);
  const client = await openClient(server.url, options);
  return { client, accepted: await accepted };
}

/** What of messages was told: a message is text or binary, and so long. */
function sizes(reports: ReadonlyArray<ChannelMessages['hawser:message:in']>) {
  return reports.map(({ role, isBinary, bytes }) => [role, isBinary ? 'binary' : 'text', bytes]);
}

describe.each([{ perMessageDeflate: false }, { perMessageDeflate: { threshold: 0 } }])(
  'with %j',
  (options) => {
    it('a message that is sent as a stream is told when all of it is given', async () => {
      const { client, accepted } = await openBoth(options);
      const sent = recorded('hawser:message:out');
      const got = once(accepted, 'message');
      const source = async function* () {
        yield 'é';
        yield 'x'.repeat(100_000);
        expect(sent).toEqual([]);
      };
      await client.sendStream(source());
      expect(sent).toEqual([
        { websocket: client, role: 'client', isBinary: false, bytes: 100_002, fin: true },
      ]);
      expect((await got)[0]).toHaveLength(100_002);
      // What the client gets is told too, and not to the next test.
      const last = nextOf('hawser:message:in', ({ bytes }) => bytes === 5);
      await accepted.sendStream([]);
      await accepted.sendStream([Buffer.alloc(5)], { binary: false });
      expect(sizes(sent.slice(1))).toEqual([
        ['server', 'binary', 0],
        ['server', 'text', 5],
      ]);
      await last;
    });

    it('a message that is read as a stream is told when all of it has come, read or not', async () => {
      const { client, accepted } = await openBoth(options);
      const received = recorded('hawser:message:in');
      const streams = accepted.messageStreams();
      client.send('be', { fin: false });
      const first = (await streams.next()).value!;
      await once(first, 'readable');
      expect(received).toEqual([]);
      client.send('gun', { fin: true });
      expect(String(await buffer(first))).toBe('begun');
      expect(received).toEqual([{ websocket: accepted, role: 'server', isBinary: false, bytes: 5 }]);
      client.send(Buffer.alloc(300_000));
      client.send('');
      await streams.next();
      expect(await buffer((await streams.next()).value!)).toHaveLength(0);
      expect(sizes(received.slice(1))).toEqual([
        ['server', 'binary', 300_000],
        ['server', 'text', 0],
      ]);
    });
  },
);

it('a message that is broken off is told at neither end', async () => {
  const { client, accepted } = await openBoth();
  const reports = [recorded('hawser:message:in'), recorded('hawser:message:out')];
  const streams = accepted.messageStreams();
  const source = async function* () {
    yield 'begun';
    await once((await streams.next()).value!, 'readable');
    throw new Error('disk');
  };
  const closed = [closeCode(client), closeCode(accepted)];
  await expect(client.sendStream(source())).rejects.toThrow('disk');
  await Promise.all(closed);
  await expect(client.sendStream(['late'])).rejects.toThrow();
  expect(reports).toEqual([[], []]);
});

it('streams of a server are told of, as the WebSocket that has the request', async () => {
  const { wss, url } = await startTestServer();
  const connections = wss.streams();
  const ended = nextOf('hawser:handshake:end', ({ role }) => role === 'server');
  const received = recorded('hawser:message:in');
  const sent = recorded('hawser:message:out');
  const client = await openClient(url);
  const echoed = once(client, 'message');
  client.send('hello');
  const { value: connection } = await connections.next();
  const { readable, writable, request } = connection!;
  const { value } = await readable.getReader().read();
  const writer = writable.getWriter();
  await writer.write(value!);
  await echoed;
  await writer.write(Buffer.alloc(3));
  const handshake = await ended;
  expect(handshake.request).toBe(request);
  const { websocket } = handshake;
  const [ofServer, text] = [
    { websocket, role: 'server' },
    { isBinary: false, bytes: 5 },
  ] as const;
  expect(received.filter(({ role }) => role === 'server')).toEqual([{ ...ofServer, ...text }]);
  expect(sent.filter(({ role }) => role === 'server')).toEqual([
    { ...ofServer, ...text, fin: true },
    { ...ofServer, isBinary: true, bytes: 3, fin: true },
  ]);
  const closed = nextOf('hawser:close', (report) => report.websocket === websocket);
  client.close(4000, 'done');
  expect(await closed).toEqual({ ...ofServer, code: 4000, reason: 'done' });
  expect(handshake.websocket).toBeInstanceOf(WebSocket);
});

it('a WebSocketStream is told of, both ways', async () => {
  const { wss, url } = await startTestServer();
  wss.on('connection', (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })));
  const received = recorded('hawser:message:in');
  const sent = recorded('hawser:message:out');
  const stream = new WebSocketStream(url);
  const closed = nextOf('hawser:close', ({ websocket }) => websocket === stream);
  const { readable, writable } = await stream.opened;
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  for (const message of ['é', new Uint8Array(70_000)]) {
    await writer.write(message);
    await reader.read();
  }
  const ofClient = { websocket: stream, role: 'client' };
  const [text, binary] = [
    { isBinary: false, bytes: 2 },
    { isBinary: true, bytes: 70_000 },
  ];
  expect(sent.filter(({ role }) => role === 'client')).toEqual([
    { ...ofClient, ...text, fin: true },
    { ...ofClient, ...binary, fin: true },
  ]);
  expect(received.filter(({ role }) => role === 'client')).toEqual([
    { ...ofClient, ...text },
    { ...ofClient, ...binary },
  ]);
  stream.close({ closeCode: 4000, reason: 'done' });
  expect(await closed).toEqual({ ...ofClient, code: 4000, reason: 'done' });
});
