import { once } from 'node:events';
import { createSecureServer, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { echo, expectEcho, openClient, startTestServer, type TestServer } from '../behaviour/engine.ts';
import {
  ACK,
  CONNECT_FIELDS,
  CONTINUATION,
  connectFrame,
  DATA,
  END_HEADERS,
  fieldBlock,
  GOAWAY,
  HEADERS,
  type Http2Attacker,
  h2Frame,
  PING,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
} from '../behaviour/http2-peer.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { upgradeResponse } from '../behaviour/raw-peer.ts';
import { serveScript } from '../compat/client-peers.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import { holdTimers } from '../hold-timers.ts';
import { ended } from './attack.ts';
import { attackClients, attackServer } from './http2-attacker.ts';

/** A server on a port of its own, which echoes, and a client of it that nothing may happen to. */
async function attacked(options: ServerOptions = {}) {
  const started = await startTestServer({ http2: true, ...options });
  let opened = 0;
  started.wss.on('connection', (ws) => {
    opened++;
    echo(ws);
  });
  const server = { ...started, opened: () => opened };
  const bystander = await openClient(server.url, { http2: true });
  const attacker = await attackServer(server.port);
  await attacker.until(({ type, flags }) => type === SETTINGS && flags === 0);
  return { server, bystander, attacker };
}

async function openStream(attacker: Http2Attacker, stream = 1): Promise<void> {
  attacker.socket.write(connectFrame(stream));
  await attacker.until((each) => each.type === HEADERS && each.stream === stream);
}

async function isUnharmed(server: TestServer, bystander: WebSocket): Promise<void> {
  await expectEcho(bystander, 'still here');
  expect(server.wss.clients.size).toBeLessThan(3);
}

const MANY = 10_000;
/** How many streams that are opened and reset it takes until a session is given up: Node's own limit is 1,000. */
const MAX_OPENED = 3_000;
const CANCEL = Buffer.from([0, 0, 0, 8]);
const REFUSED_STREAM = 7;
const PING_BYTES = Buffer.alloc(8);

describe('a server’s sessions', () => {
  it.each<[string, (index: number) => Buffer]>([
    [
      'streams that are opened and reset (CVE-2023-44487)',
      (i) => Buffer.concat([connectFrame(3 + 2 * i), h2Frame(RST_STREAM, 0, 3 + 2 * i, CANCEL)]),
    ],
    [
      'streams that are opened and reset by a fault (CVE-2025-8671)',
      (i) => Buffer.concat([connectFrame(3 + 2 * i), h2Frame(8, 0, 3 + 2 * i, Buffer.alloc(4))]),
    ],
    ['empty DATA (CVE-2019-9518)', () => h2Frame(DATA, 0, 1)],
    ['resets of a stream that is closed', () => h2Frame(RST_STREAM, 0, 3, CANCEL)],
    ['DATA of streams that nobody opened', (i) => h2Frame(DATA, 0, 3 + 2 * i, Buffer.alloc(1))],
  ])('end by %s', async (_name, bytes) => {
    const { server, bystander, attacker } = await attacked();
    await openStream(attacker);
    await attacker.flood(MANY, bytes);
    await attacker.givenUp();
    expect(server.opened()).toBeLessThan(MAX_OPENED);
    await isUnharmed(server, bystander);
  });

  it.each<[string, (index: number) => Buffer]>([
    ['PING (CVE-2019-9512)', () => h2Frame(PING, 0, 0, PING_BYTES)],
    ['SETTINGS (CVE-2019-9515)', (i) => h2Frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 0xff, i & 1]))],
  ])('end by %s whose answers nobody reads', async (_name, bytes) => {
    const { server, bystander, attacker } = await attacked();
    attacker.socket.pause();
    await attacker.flood(MANY, bytes);
    attacker.socket.resume();
    await attacker.givenUp();
    await isUnharmed(server, bystander);
  });

  it('end by a header in CONTINUATION without end (CVE-2024-27316)', async () => {
    const { server, bystander, attacker } = await attacked();
    attacker.socket.write(h2Frame(HEADERS, 0, 1, fieldBlock({ ':method': 'CONNECT' })));
    await attacker.flood(MANY, () => h2Frame(CONTINUATION, 0, 1, fieldBlock({ a: 'b' })));
    await attacker.givenUp();
    await isUnharmed(server, bystander);
  });

  it('row 30: take no head that is longer than one of HTTP/1.1 may be', async () => {
    const { server, bystander, attacker } = await attacked();
    const asked: unknown[] = [];
    server.wss.on('headers', (_lines, request) => asked.push(request.url));
    const fields = fieldBlock({ ...CONNECT_FIELDS, cookie: 'x'.repeat(8_000) });
    const more = fieldBlock({ 'x-more': 'x'.repeat(10_000) });
    attacker.socket.write(h2Frame(SETTINGS, ACK, 0));
    attacker.socket.write(h2Frame(HEADERS, 0, 1, fields));
    attacker.socket.write(h2Frame(CONTINUATION, END_HEADERS, 1, more));
    const { type } = await attacker.until((each) => each.stream === 1 || each.type === GOAWAY);
    expect([type === HEADERS, asked]).toEqual([false, []]);
    await isUnharmed(server, bystander);
  });

  it('row 30: have a limit of streams, whether they are open or wait', async () => {
    const { server, bystander, attacker } = await attacked({
      verifyClient: ({ req }, decide) => {
        if (req.url !== '/waits') decide(true);
      },
    });
    await attacker.flood(1100, (i) => connectFrame(1 + 2 * i, { ':path': '/waits' }));
    const refused = await attacker.until(({ type }) => type === RST_STREAM || type === GOAWAY);
    if (refused.type === RST_STREAM) expect(refused.payload.readUInt32BE()).toBe(REFUSED_STREAM);
    attacker.socket.destroy();
    expect([server.wss.clients.size, bystander.readyState]).toEqual([1, WebSocket.OPEN]);
  });

  it('count against maxConnections, each stream for itself', async () => {
    const { server, bystander, attacker } = await attacked({ maxConnections: 2 });
    await openStream(attacker);
    attacker.socket.write(connectFrame(3));
    // Status 503 as a literal with an indexed name (RFC 7541 §6.1).
    await attacker.until(({ type, stream }) => type === HEADERS && stream === 3);
    await attacker.until(({ type, payload }) => type === DATA && String(payload) === 'Service Unavailable');
    await isUnharmed(server, bystander);
  });

  it('hold no more for a peer that opens no window than for one that does not read', async () => {
    const limits = { maxBufferedBytes: 300_000, closeTimeout: 20 } as const;
    const { server, bystander, attacker } = await attacked(limits);
    const accepted = once(server.wss, 'connection');
    await openStream(attacker);
    const [ws] = (await accepted) as [WebSocket];
    const end = ended(ws);
    const before = ws.bufferedAmount;
    for (let i = 0; i < 100; i++) ws.send(Buffer.alloc(65_536));
    expect([before, ws.bufferedAmount < 1_000_000]).toEqual([0, true]);
    expect(await end).toEqual(['WS_ERR_SLOW_PEER', 1006]);
    await isUnharmed(server, bystander);
  });

  it('row 30: are ended when they have asked for nothing in time', async () => {
    const pass = holdTimers();
    const { attacker, server, bystander } = await attacked({ handshakeTimeout: 50 });
    pass(50);
    await attacker.closed;
    await isUnharmed(server, bystander);
  });

  it('row 30: are ended when a peer does not take the answer that refuses it', async () => {
    const pass = holdTimers();
    const { attacker, server, bystander } = await attacked();
    const noWindow = h2Frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));
    attacker.socket.write(Buffer.concat([noWindow, connectFrame(1, { ':protocol': 'other' })]));
    await attacker.until(({ type }) => type === HEADERS);
    while (!attacker.socket.destroyed) {
      pass(10_000);
      await new Promise(setImmediate);
    }
    await isUnharmed(server, bystander);
  });

  it('see the faults of a stream that is a WebSocket’s as those of any', async () => {
    const { server, bystander, attacker } = await attacked();
    await openStream(attacker);
    attacker.socket.write(h2Frame(DATA, 0, 1, frame(0xf1, 'x', true)));
    const close = await attacker.until(({ type, payload }) => type === DATA && payload[0] === 0x88);
    expect(close.payload.readUInt16BE(2)).toBe(1002);
    attacker.socket.destroy();
    await attacker.closed;
    await expectEcho(bystander, 'still here');
    expect(server.wss.clients.has(bystander)).toBe(false);
  });
});

describe('a server of the program’s', () => {
  it('is Node’s to protect: rapid resets end the session, and the process lives', async () => {
    const server = createServer();
    const wss = new WebSocketServer({ server });
    let opened = 0;
    wss.on('connection', (ws) => {
      opened++;
      echo(ws);
    });
    server.on('session', (session) => session.on('error', () => {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      wss.close();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const attacker = await attackServer(port);
    await attacker.flood(MANY, (i) =>
      Buffer.concat([connectFrame(1 + 2 * i), h2Frame(RST_STREAM, 0, 1 + 2 * i, CANCEL)]),
    );
    await attacker.givenUp();
    expect(opened).toBeLessThan(MAX_OPENED);
    const client = await openClient(`ws://127.0.0.1:${port}`, { http2: true });
    await expectEcho(client, 'still here');
    client.terminate();
    await once(client, 'close');
  });
});

/** `:status: 200` (RFC 7541, appendix A). */
const ACCEPTED = Buffer.from([0x88]);

describe('a client’s sessions', () => {
  const open = (attacker: Http2Attacker): Promise<void> =>
    attacker
      .until(({ type }) => type === HEADERS)
      .then(({ stream }) => {
        attacker.socket.write(h2Frame(HEADERS, END_HEADERS, stream, ACCEPTED));
      });

  it.each<[string, Buffer]>([
    [
      'SETTINGS that take back what they allowed (RFC 8441 §3)',
      h2Frame(SETTINGS, 0, 0, Buffer.from([0, 8, 0, 0, 0, 0])),
    ],
    ['GOAWAY with an error', h2Frame(GOAWAY, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]))],
  ])('end by %s, and the process lives', async (_name, bytes) => {
    let attacker: Http2Attacker | undefined;
    const url = await attackClients((each) => {
      attacker = each;
      void open(each);
    });
    const ws = await openClient(url, { http2: true });
    const end = ended(ws);
    attacker!.socket.write(bytes);
    await attacker!.givenUp();
    attacker!.socket.destroy();
    expect((await end).at(-1)).toBe(1006);
  });

  it('take no push (Deno PR#36327)', async () => {
    let attacker: Http2Attacker | undefined;
    const url = await attackClients((each) => {
      attacker = each;
      void open(each);
    });
    const ws = await openClient(url, { http2: true });
    const promised = { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'a' };
    const promise = Buffer.concat([Buffer.from([0, 0, 0, 2]), fieldBlock(promised)]);
    attacker!.socket.write(h2Frame(PUSH_PROMISE, END_HEADERS, 1, promise));
    await attacker!.until(({ type, stream }) => type === GOAWAY || (type === RST_STREAM && stream === 2));
    const end = ended(ws);
    attacker!.socket.destroy();
    expect((await end).at(-1)).toBe(1006);
  });

  it('end by empty DATA', async () => {
    let attacker: Http2Attacker | undefined;
    const url = await attackClients((each) => {
      attacker = each;
      void open(each);
    });
    const end = ended(await openClient(url, { http2: true }));
    await attacker!.flood(MANY, () => h2Frame(DATA, 0, 1));
    expect((await end).at(-1)).toBe(1006);
  });

  it('row 30: HTTP/2: a server that prefers it is told http/1.1, and what it sends is no response', async () => {
    const certificate = makeCertificate();
    const protocols: unknown[] = [];
    const tls = { ...certificate, ALPNProtocols: ['h2', 'http/1.1'] };
    const server = await serveScript(
      (head, socket) => {
        protocols.push(Reflect.get(socket, 'alpnProtocol'));
        return upgradeResponse(head);
      },
      { tls },
    );
    const ws = new WebSocket(server.url, { ca: certificate.cert });
    await once(ws, 'open');
    ws.terminate();
    expect(protocols).toEqual(['http/1.1']);
    const other = await serveScript(() => h2Frame(SETTINGS, 0, 0));
    expect(await ended(new WebSocket(other.url))).toEqual(['HPE_INVALID_CONSTANT', 1006]);
  });

  it('row 30: are not those of a client that checks no certificates', async () => {
    const server = await startTestServer({ http2: true, tls: makeCertificate() });
    const url = server.url.replace('ws:', 'wss:');
    const lax = await openClient(url, { http2: true, rejectUnauthorized: false });
    expect(await ended(new WebSocket(url, { http2: true }))).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 1006]);
    lax.terminate();
    await once(lax, 'close');
  });

  it('row 30: are left by a client when the server names origins without end', async () => {
    const server = createSecureServer({ ...makeCertificate(), settings: { enableConnectProtocol: true } });
    const sessions: ServerHttp2Session[] = [];
    server.on('session', (session) => sessions.push(session.on('error', () => {})));
    server.on('stream', (stream) => stream.on('error', () => {}).respond());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      sessions[0]?.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const ws = await openClient(`wss://127.0.0.1:${port}`, { http2: true, rejectUnauthorized: false });
    const end = ended(ws);
    for (let i = 0; i < 101; i++) {
      sessions[0]!.origin(...Array.from({ length: 10 }, (_, j) => `https://${i}-${j}.test`));
    }
    expect((await end).at(-1)).toBe(1006);
  });
});
