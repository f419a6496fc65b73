import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ChannelName, Handshake } from '../../src/index.ts';
import { PreparedMessage, Sender, WebSocket } from '../../src/index.ts';
import { WebSocket as PageWebSocket, WebSocketStream } from '../../src/web/index.ts';
import { nextOf, recorded } from '../diagnostics/recorded.ts';
import { closeCode, echo, nextConnection, openClient, startTestServer } from './engine.ts';
import { frame } from './raw-frames.ts';
import { connectRaw, upgradeRaw } from './raw-peer.ts';

const MESSAGE_BYTES = 256 * 1024;
/** More than the buffers of two sockets of this system take. */
const MANY = 64;

/** Opens a connection to a server that sends everything back; both ends. */
async function openEcho(options = {}) {
  const server = await startTestServer(options);
  const accepted = nextConnection(server.wss, (ws) => {
    echo(ws);
    return ws;
  });
  const client = await openClient(server.url, options);
  return { server, client, accepted: await accepted };
}

/** Fails to connect; returns what a client's handshake became. */
async function failToOpen(url: string, options = {}): Promise<Handshake> {
  const refused = nextOf('hawser:handshake:refused', ({ role }) => role === 'client');
  const ws = new WebSocket(url, options);
  const closed = closeCode(ws);
  const handshake = await refused;
  await closed;
  expect(handshake.websocket).toBe(ws);
  return handshake;
}

/** Says what is wrong with `text`, to the server of `port`; returns the statuses that were told. */
async function refuseRaw(port: number, text: string): Promise<unknown[]> {
  const refused = recorded('hawser:handshake:refused');
  const peer = await connectRaw(port);
  peer.socket.end(text);
  peer.socket.resume();
  await once(peer.socket, 'close');
  return refused.map(({ role, statusCode, request }) => [role, statusCode, request?.url]);
}

describe('an opening handshake', () => {
  it('is told at both ends, and then the connection', async () => {
    const started = recorded('hawser:handshake:start');
    const ended = recorded('hawser:handshake:end');
    const opened = recorded('hawser:open');
    const { client, accepted, server } = await openEcho();
    const byRole = (reports: ReadonlyArray<{ role: string }>) =>
      [...reports].sort((a, b) => a.role.localeCompare(b.role));
    const [ofClient, ofServer] = byRole(ended) as [Handshake, Handshake];
    expect(byRole(started)).toEqual([ofClient, ofServer]);
    expect(ofClient).toMatchObject({ role: 'client', url: server.url, statusCode: 101, request: undefined });
    expect(ofServer).toMatchObject({ role: 'server', url: '/', statusCode: 101, error: undefined });
    expect(ofServer.request!.headers.host).toBe(`127.0.0.1:${server.port}`);
    expect(ofClient.websocket).toBe(client);
    expect(ofServer.websocket).toBe(accepted);
    expect(ofClient.durationMs).toBeGreaterThan(0);
    expect(byRole(opened)).toEqual([
      { websocket: client, role: 'client' },
      { websocket: accepted, role: 'server' },
    ]);
  });

  it('is told when verifyClient says no', async () => {
    const refused = recorded('hawser:handshake:refused');
    const opened = recorded('hawser:open');
    const { url } = await startTestServer({ verifyClient: () => false });
    expect(await failToOpen(`${url}chat?a=1`)).toMatchObject({
      url: `${url}chat?a=1`,
      statusCode: 401,
      error: { message: 'Unexpected server response: 401' },
    });
    expect(refused.map(({ role, statusCode }) => [role, statusCode])).toEqual([
      ['server', 401],
      ['client', 401],
    ]);
    expect(opened).toEqual([]);
  });

  it('is told when somebody else answers it', async () => {
    const { wss, url } = await startTestServer({ origins: ['https://example.org'] });
    wss.on('wsClientError', (_error, socket) => socket.end('HTTP/1.1 418 x\r\nContent-Length: 0\r\n\r\n'));
    const refused = recorded('hawser:handshake:refused');
    await failToOpen(url, { origin: 'https://example.com' });
    expect(refused.map(({ role, statusCode }) => [role, statusCode])).toEqual([
      ['server', 403],
      ['client', 418],
    ]);
  });

  it.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', [['server', 426, undefined]]],
    ['what is no HTTP', 'hello\r\n\r\n', [['server', 400, undefined]]],
    [
      'a request without a key',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      [['server', 400, '/a']],
    ],
  ])('is told for %s', async (_, text, expected) => {
    const { port } = await startTestServer();
    expect(await refuseRaw(port, text)).toEqual(expected);
  });

  it('is told for each request along redirects', async () => {
    const { wss, url } = await startTestServer({
      verifyClient: ({ req }, decide) => {
        if (req.url === '/there') decide(true);
        else decide(false, 302, '', { Location: '/there' });
      },
    });
    const [started, refused] = [recorded('hawser:handshake:start'), recorded('hawser:handshake:refused')];
    const client = await openClient(url, { followRedirects: true });
    const paths = (handshakes: Handshake[]) =>
      handshakes.filter(({ role }) => role === 'client').map((handshake) => new URL(handshake.url!).pathname);
    expect(paths(started)).toEqual(['/', '/there']);
    expect(paths(refused)).toEqual(['/']);
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([302, 302]);
    expect(started.at(-2)!.websocket).toBe(client);
    expect(wss.clients.size).toBe(1);
  });

  it('is told when the client gives up, and when it can not begin', async () => {
    const { url } = await startTestServer();
    const refused = recorded('hawser:handshake:refused');
    const ws = new WebSocket(url);
    ws.close();
    await closeCode(ws);
    expect(() => new WebSocket(url, { headers: { 'X-A': 'a\r\nX-B: b' } })).toThrow(TypeError);
    expect(() => new WebSocket(url, { headers: { 'X-A': 'a\r\nX-B: b' }, agent: false as never })).toThrow(
      TypeError,
    );
    const ofClients = refused.filter(({ role }) => role === 'client');
    expect(ofClients.map(({ error }) => error?.name)).toEqual([undefined, 'TypeError', 'TypeError']);
    expect(ofClients[0]!.websocket).toBe(ws);
  });

  it('is told when nobody is there', async () => {
    const server = await startTestServer();
    await server.close();
    const handshake = await failToOpen(server.url);
    expect(handshake).toMatchObject({ statusCode: undefined, error: { code: 'ECONNREFUSED' } });
  });
});

describe('a connection', () => {
  it('tells its messages by their sizes alone, and its end', async () => {
    const received = recorded('hawser:message:in');
    const sent = recorded('hawser:message:out');
    const closed = recorded('hawser:close');
    const { client, accepted } = await openEcho({ perMessageDeflate: { threshold: 0 } });
    client.send('é'.repeat(1000));
    await once(client, 'message');
    client.send(Buffer.alloc(3));
    await once(client, 'message');
    const ends = [closeCode(client), closeCode(accepted)];
    client.close(4001, 'done');
    await Promise.all(ends);
    const [ofClient, ofServer] = [
      { websocket: client, role: 'client' },
      { websocket: accepted, role: 'server' },
    ];
    const [text, binary] = [
      { isBinary: false, bytes: 2000 },
      { isBinary: true, bytes: 3 },
    ];
    expect(sent).toEqual([
      { ...ofClient, ...text, fin: true },
      { ...ofServer, ...text, fin: true },
      { ...ofClient, ...binary, fin: true },
      { ...ofServer, ...binary, fin: true },
    ]);
    expect(received).toEqual([
      { ...ofServer, ...text },
      { ...ofClient, ...text },
      { ...ofServer, ...binary },
      { ...ofClient, ...binary },
    ]);
    for (const end of [ofClient, ofServer]) {
      // Those of other tests may still be closing.
      expect(closed.filter(({ websocket }) => websocket === end.websocket)).toEqual([
        { ...end, code: 4001, reason: 'done' },
      ]);
    }
  });

  it.each([false, { serverNoContextTakeover: true, threshold: 0 }, { threshold: 0 }])(
    'tells messages that were framed before, with perMessageDeflate: %j',
    async (perMessageDeflate) => {
      const { client, accepted } = await openEcho({ perMessageDeflate });
      const sent = recorded('hawser:message:out');
      accepted.send(new PreparedMessage('a'.repeat(500)));
      accepted.send(new PreparedMessage(Buffer.alloc(7)));
      await once(client, 'message');
      expect(sent.map(({ isBinary, bytes, fin }) => [isBinary, bytes, fin])).toEqual([
        [false, 500, true],
        [true, 7, true],
      ]);
    },
  );

  it('tells what is sent in fragments, or as frames', async () => {
    const { client, accepted } = await openEcho({ perMessageDeflate: false });
    const sent = recorded('hawser:message:out');
    client.send('a', { fin: false });
    client.send('bc', { fin: true });
    const frames = Sender.frame(Buffer.from('hello'), {
      fin: true,
      rsv1: false,
      opcode: 1,
      mask: false,
      readOnly: false,
    });
    accepted._sender!.sendFrame(frames as Uint8Array[]);
    expect(sent.map(({ role, bytes, fin }) => [role, bytes, fin])).toEqual([
      ['client', 1, false],
      ['client', 2, true],
      ['server', 5, true],
    ]);
  });

  it('tells back-pressure and its end', async () => {
    const server = await startTestServer();
    const accepted = nextConnection(server.wss, (ws) => ws);
    const { socket } = await upgradeRaw(server.port);
    socket.removeAllListeners('data').pause();
    const ws = await accepted;
    const [full, drained] = [recorded('hawser:backpressure'), recorded('hawser:drain')];
    for (let i = 0; i < MANY; i++) ws.send(Buffer.alloc(MESSAGE_BYTES));
    expect(full).toEqual([{ websocket: ws, role: 'server', bufferedBytes: expect.any(Number) }]);
    expect(full[0]!.bufferedBytes).toBeGreaterThan(64 * 1024);
    const drain = once(ws, 'drain');
    socket.resume();
    await drain;
    expect(drained).toEqual([{ websocket: ws, role: 'server', bufferedBytes: expect.any(Number) }]);
    expect(drained[0]!.bufferedBytes).toBeLessThanOrEqual(16 * 1024);
  });

  it('tells the latency that its heartbeat measures', async () => {
    const latency = nextOf('hawser:ping:latency');
    const { accepted } = await openEcho({ heartbeat: { intervalMs: 200 } });
    const report = await latency;
    expect(report.latencyMs).toBeGreaterThan(0);
    if (report.role === 'server') expect(report.websocket).toBe(accepted);
  });
});

describe('a limit', () => {
  it('is told with the code of the error', async () => {
    const server = await startTestServer({ maxPayload: 10 });
    const accepted = nextConnection(server.wss, (ws) => ({ ws, closed: closeCode(ws) }));
    const [limits, errors] = [recorded('hawser:limit'), recorded('hawser:error')];
    const peer = await upgradeRaw(server.port);
    peer.socket.write(frame(0x82, Buffer.alloc(11), true));
    const { ws, closed } = await accepted;
    await closed;
    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    expect(limits).toEqual([{ websocket: ws, role: 'server', limit: 'maxPayload', code }]);
    expect(errors).toEqual([{ websocket: ws, role: 'server', error: expect.objectContaining({ code }) }]);
  });

  it('is told where pongs wait that nobody reads', async () => {
    const server = await startTestServer({ maxPendingAutoPongs: 1, maxControlFramesPerSecond: 0 });
    const accepted = nextConnection(server.wss, (ws) => ({ ws, closed: closeCode(ws) }));
    const limits = recorded('hawser:limit');
    const peer = await upgradeRaw(server.port);
    peer.socket.write(
      Buffer.concat([frame(0x89, 'a', true), frame(0x89, 'b', true), frame(0x89, 'c', true)]),
    );
    const { ws, closed } = await accepted;
    await closed;
    expect(limits).toEqual([
      { websocket: ws, role: 'server', limit: 'maxPendingAutoPongs', code: undefined },
    ]);
  });

  it.each([
    ['drop-newest', 'WS_ERR_MESSAGE_DROPPED'],
    ['drop-oldest', 'WS_ERR_MESSAGE_DROPPED'],
    ['close', 'WS_ERR_SLOW_PEER'],
  ] as const)('is told where a peer is slow, with slowPeer %s', async (slowPeer, code) => {
    const server = await startTestServer({ slowPeer, maxBufferedBytes: MESSAGE_BYTES });
    const accepted = nextConnection(server.wss, (ws) => ws);
    const { socket } = await upgradeRaw(server.port);
    socket.removeAllListeners('data').pause();
    const ws = await accepted;
    ws.on('error', () => {});
    const limit = nextOf('hawser:limit');
    for (let i = 0; i < MANY; i++) ws.send(Buffer.alloc(MESSAGE_BYTES));
    expect(await limit).toEqual({ websocket: ws, role: 'server', limit: 'maxBufferedBytes', code });
  });

  it('is told where a peer is silent', async () => {
    const server = await startTestServer({ heartbeat: { intervalMs: 20 } });
    const limit = nextOf('hawser:limit');
    const accepted = nextConnection(server.wss, (ws) => ws);
    await upgradeRaw(server.port);
    const ws = await accepted;
    expect(await limit).toEqual({ websocket: ws, role: 'server', limit: 'heartbeat', code: undefined });
  });

  it('is told where a peer does not close', async () => {
    const server = await startTestServer({ closeTimeout: 20 });
    const limit = nextOf('hawser:limit');
    const accepted = nextConnection(server.wss, (ws) => ws);
    await upgradeRaw(server.port);
    const ws = await accepted;
    ws.close();
    expect(await limit).toEqual({ websocket: ws, role: 'server', limit: 'closeTimeout', code: undefined });
  });
});

describe('hawser/web', () => {
  it('is told of, as a client', async () => {
    const server = await startTestServer();
    server.wss.on('connection', echo);
    const names = ['open', 'message:out', 'message:in', 'close'].map(
      (name) => `hawser:${name}` as ChannelName,
    );
    const reports = names.map((name) => recorded(name) as Array<{ websocket: object; role: string }>);
    const ended = recorded('hawser:handshake:end');
    const ws = new PageWebSocket(server.url);
    await new Promise((resolve) => ws.addEventListener('open', resolve));
    ws.send('hello');
    await new Promise((resolve) => ws.addEventListener('message', resolve));
    ws.close();
    await new Promise((resolve) => ws.addEventListener('close', resolve));
    for (const all of [...reports, ended]) {
      const [report, ...others] = all.filter(({ role }) => role === 'client');
      expect(report!.websocket).toBe(ws);
      expect(others).toEqual([]);
    }
  });

  it('is told of, as a stream', async () => {
    const server = await startTestServer();
    server.wss.on('connection', (ws) => ws.send('hello'));
    const received = nextOf('hawser:message:in');
    const stream = new WebSocketStream(server.url);
    await stream.opened;
    expect(await received).toEqual({ websocket: stream, role: 'client', isBinary: false, bytes: 5 });
    stream.close();
    await stream.closed;
  });

  it('tells what it fails with', async () => {
    const server = await startTestServer();
    await server.close();
    const failed = nextOf('hawser:error');
    const ws = new PageWebSocket(server.url);
    await new Promise((resolve) => ws.addEventListener('close', resolve));
    expect(await failed).toEqual({
      websocket: ws,
      role: 'client',
      error: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });
});
