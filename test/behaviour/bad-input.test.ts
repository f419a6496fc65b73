import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from '../../src/index.ts';
import {
  closeCode,
  createClient,
  echo,
  ending,
  expectEcho,
  nextConnection,
  openClient,
  startServer,
  startTestServer,
  type TestServer,
} from './engine.ts';
import { faults, MAX_PAYLOAD } from './faults.ts';
import { OVER_HTTP2 } from './over-http2.ts';
import { closeCodes, closePayload, frame, parseFrames } from './raw-frames.ts';
import {
  connectRaw,
  type RawPeer,
  serveRaw,
  upgradeRaw,
  upgradeRequest,
  upgradeResponse,
} from './raw-peer.ts';

const DEFLATE = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };

describe('frames that a server refuses', () => {
  let server: TestServer;
  let bystander: WebSocket;
  const bystanderEvents: string[] = [];

  beforeAll(async () => {
    server = await startServer({ maxPayload: MAX_PAYLOAD, perMessageDeflate: true });
    server.wss.on('connection', echo);
    bystander = await openClient(server.url);
    bystander.on('error', () => bystanderEvents.push('error'));
    bystander.on('close', () => bystanderEvents.push('close'));
  });
  afterAll(() => server.close());

  it.each(faults(true))('$closeCode for $name', async ({ bytes, closeCode: code, errorCode, deflate }) => {
    const end = nextConnection(server.wss, ending);
    const peer = await upgradeRaw(server.port, deflate ? DEFLATE : {});
    peer.socket.write(bytes);

    await peer.closed;
    expect(closeCodes(peer.received)).toEqual([code]);
    expect(await end).toEqual([
      ['error', errorCode],
      ['close', 1006, ''],
    ]);
    await expectEcho(bystander, errorCode);
    expect(bystanderEvents).toEqual([]);
    expect(server.wss.clients.size).toBe(1);
  });

  it.each(faults(true))('the same byte by byte: $name', async ({ bytes, closeCode: code, deflate }) => {
    const peer = await upgradeRaw(server.port, deflate ? DEFLATE : {});
    for (const byte of bytes) {
      await new Promise((resolve) => peer.socket.write(Uint8Array.of(byte), resolve));
    }
    await peer.closed;
    expect(closeCodes(peer.received)).toEqual([code]);
  });

  it('in the packet of the request', async () => {
    const end = nextConnection(server.wss, ending);
    const peer = await connectRaw(server.port);
    peer.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), frame(0xf1, 'x', true)]));
    expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 101 /);
    await peer.closed;
    expect(closeCodes(peer.received)).toEqual([1002]);
    expect(await end).toEqual([
      ['error', 'WS_ERR_UNEXPECTED_RSV_2_3'],
      ['close', 1006, ''],
    ]);
  });

  it('where nobody listens for errors: the process lives', async () => {
    const end = nextConnection(server.wss, closeCode);
    const peer = await upgradeRaw(server.port);
    peer.socket.write(frame(0xf1, 'x', true));
    expect(await end).toBe(1006);
    await expectEcho(bystander, 'still here');
  });
});

describe('frames that a client refuses', () => {
  it.each(faults(false))('$closeCode for $name', async ({ bytes, closeCode: code, errorCode, deflate }) => {
    const peers: RawPeer[] = [];
    const server = await serveRaw((peer, head) => {
      peers.push(peer);
      peer.socket.write(upgradeResponse(head, deflate ? DEFLATE : {}));
      peer.socket.write(bytes);
    });
    onTestFinished(() => server.close());
    const ws = createClient(server.url, { maxPayload: MAX_PAYLOAD });
    expect(await ending(ws)).toEqual([
      ['error', errorCode],
      ['close', 1006, ''],
    ]);
    const peer = peers[0]!;
    await peer.closed;
    expect(closeCodes(peer.received)).toEqual([code]);
    expect(parseFrames(peer.received).every(({ masked }) => masked)).toBe(true);
  });

  it('where nobody listens for errors, in the packet of the response', async () => {
    const server = await serveRaw((peer, head) => {
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0xf1, 'x', false)]));
    });
    onTestFinished(() => server.close());
    expect(await closeCode(createClient(server.url))).toBe(1006);
  });
});

describe('requests that a server refuses', () => {
  const PATH_SERVER = { path: '/chat' };
  const chat = (headers: Record<string, string | undefined>) => upgradeRequest(headers, 'GET /chat HTTP/1.1');
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [i.toString(36), '']));
  const refusals: [name: string, request: string, status: number, header?: RegExp][] = [
    ['another path', upgradeRequest({}, 'GET /other HTTP/1.1'), 400],
    ['no key', chat({ 'Sec-WebSocket-Key': undefined }), 400],
    ['a short key', chat({ 'Sec-WebSocket-Key': 'c2hvcnQ=' }), 400],
    ['another protocol', chat({ Upgrade: 'h2c' }), 400],
    ['a bad subprotocol', chat({ 'Sec-WebSocket-Protocol': 'a,,b' }), 400],
    ['a bad extension', chat({ 'Sec-WebSocket-Extensions': 'permessage-deflate;' }), 400],
    ['POST', upgradeRequest({}, 'POST /chat HTTP/1.1'), 405, /^Allow: GET\r$/m],
    ['no upgrade', chat({ Upgrade: undefined, Connection: undefined }), 426, /^Upgrade: websocket\r$/m],
    ['no version', chat({ 'Sec-WebSocket-Version': undefined }), 400, /^Sec-WebSocket-Version: 13, 8\r$/m],
    ['version 7', chat({ 'Sec-WebSocket-Version': '7' }), 400, /^Sec-WebSocket-Version: 13, 8\r$/m],
    ['a long header', chat({ Cookie: 'x'.repeat(20_000) }), 431],
    ['many headers', chat(many), 431],
    ['HTTP/2.0', upgradeRequest({}, 'GET /chat HTTP/2.0'), 505],
    ['HTTP/1.0', upgradeRequest({}, 'GET /chat HTTP/1.0'), 400],
    ['a bad header name', chat({ 'Bad Name': 'x' }), 400],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['garbage', '\x00\xff\xfe\x01garbage\r\n\r\n', 400],
  ];
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ ...PATH_SERVER, perMessageDeflate: true });
    server.wss.on('connection', echo);
  });
  afterAll(() => server.close());

  it.each(refusals)('%s', async (_name, request, status, header = /^Connection: .*close\r$/m) => {
    const peer = await connectRaw(server.port);
    peer.socket.write(request, 'latin1');
    await peer.closed;
    const response = peer.received.toString('latin1');
    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z -]+\r\n`));
    expect(response).toMatch(header);
    const [head, body] = response.split('\r\n\r\n') as [string, string];
    expect(head).toMatch(new RegExp(`^Content-Length: ${Buffer.byteLength(body)}$`, 'm'));
    expect(server.wss.clients.size).toBe(0);
  });

  it('half a request and the end of it: no answer', async () => {
    const peer = await connectRaw(server.port);
    peer.socket.end(upgradeRequest().slice(0, 40));
    await peer.closed;
    expect(peer.received).toHaveLength(0);
  });
});

describe('requests that a server attached to node:http refuses', () => {
  const refusals: [name: string, request: string, status: number, header: RegExp][] = [
    ['another path', upgradeRequest({}, 'GET /other HTTP/1.1'), 400, /^Connection: close\r$/m],
    ['POST', upgradeRequest({}, 'POST / HTTP/1.1'), 405, /^Allow: GET\r$/m],
    ['version 7', upgradeRequest({ 'Sec-WebSocket-Version': '7' }), 400, /^Sec-WebSocket-Version: 13, 8\r$/m],
    [
      'no key',
      upgradeRequest({ 'Sec-WebSocket-Key': undefined }),
      400,
      /^Content-Type: text\/plain; charset=utf-8\r$/m,
    ],
  ];

  it.each(refusals)('%s', async (_name, request, status, header) => {
    const server = createServer();
    const wss = new WebSocketServer({ server, path: '/' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      wss.close();
      server.close();
    });
    const peer = await connectRaw((server.address() as AddressInfo).port);
    peer.socket.write(request);
    await peer.closed;
    const response = peer.received.toString('latin1');
    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(response).toMatch(header);
    expect(wss.clients.size).toBe(0);
  });
});

describe('responses that a client refuses', () => {
  const responses: [name: string, respond: (head: string) => string | Buffer][] = [
    ['garbage', () => '\x00\x01\x02\x03\r\n\r\n'],
    ['status 200', () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['nothing', () => ''],
    ['half a head', (head) => upgradeResponse(head).slice(0, 30)],
    ['a subprotocol not asked for', (head) => upgradeResponse(head, { 'Sec-WebSocket-Protocol': 'x' })],
    ['an extension not asked for', (head) => upgradeResponse(head, { 'Sec-WebSocket-Extensions': 'x' })],
    ['a head without end', () => `HTTP/1.1 101 x\r\nX: ${'x'.repeat(20_000)}`],
  ];

  /** What HTTP/2 has not. */
  const ofHttp1: typeof responses = [
    ['a wrong accept value', (head) => upgradeResponse(head, { 'Sec-WebSocket-Accept': 'x' })],
    ['another protocol', (head) => upgradeResponse(head, { Upgrade: 'h2c' })],
  ];

  it.each(OVER_HTTP2 ? responses : [...responses, ...ofHttp1])('%s', async (_name, respond) => {
    const server = await serveRaw((peer, head) => peer.socket.end(respond(head)));
    onTestFinished(() => server.close());
    const ws = createClient(server.url);
    const opened: string[] = [];
    ws.on('open', () => opened.push('open'));
    const events = await ending(ws);
    expect(events.map(([name]) => name)).toEqual(['error', 'close']);
    expect(events[1]).toEqual(['close', 1006, '']);
    expect(opened).toEqual([]);
  });

  it('a reset', async () => {
    const server = await serveRaw((peer) => peer.socket.resetAndDestroy());
    onTestFinished(() => server.close());
    expect(await ending(createClient(server.url))).toEqual([
      ['error', 'ECONNRESET'],
      ['close', 1006, ''],
    ]);
  });
});

describe('streams in pieces', () => {
  const session = Buffer.concat([
    Buffer.from(upgradeRequest()),
    frame(0x01, 'h€l', true),
    frame(0x89, 'ping', true),
    frame(0x80, 'lo €', true),
    frame(0x88, closePayload(1000), true),
  ]);
  const requestLength = upgradeRequest().length;

  it('takes a session byte by byte', async () => {
    const { wss, port } = await startTestServer();
    const messages: string[] = [];
    const end = nextConnection(wss, (ws) => {
      ws.on('message', (data) => messages.push(String(data)));
      return ending(ws);
    });
    const peer = await connectRaw(port);
    for (const byte of session) {
      await new Promise((resolve) => peer.socket.write(Uint8Array.of(byte), resolve));
    }
    expect(await end).toEqual([['close', 1000, '']]);
    expect(messages).toEqual(['h€llo €']);
    await peer.closed;
    await peer.takeHead();
    expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([10, 8]);
  });

  it('survives a reset at every byte', async () => {
    const { wss, port, url } = await startTestServer();
    const ends: Promise<unknown>[] = [];
    wss.on('connection', (ws) => {
      echo(ws);
      ends.push(ending(ws));
    });
    const resetAt = async (length: number) => {
      const peer = await connectRaw(port);
      await new Promise((resolve) => peer.socket.write(session.subarray(0, length), resolve));
      if (length >= requestLength) await peer.takeHead();
      peer.socket.resetAndDestroy();
      await peer.closed;
    };
    await Promise.all(Array.from({ length: session.length + 1 }, (_, length) => resetAt(length)));

    // Every session that was opened has to end, and without an 'error': no rule was broken.
    const whole = session.length - requestLength + 1;
    expect(ends).toHaveLength(whole);
    const codes = (await Promise.all(ends)) as [[string, number]][];
    expect(codes.every((events) => events.length === 1)).toBe(true);
    expect(new Set(codes.map(([[, code]]) => code))).toEqual(new Set([1000, 1006]));
    expect(wss.clients.size).toBe(0);
    const client = await openClient(url);
    await expectEcho(client, 'still here');
  });

  it('survives a reset at every byte, as a client', async () => {
    const frames = Buffer.concat([frame(0x81, 'h€llo', false), frame(0x88, closePayload(1000), false)]);
    const headLength = upgradeResponse(upgradeRequest()).length;
    for (let length = 0; length <= headLength + frames.length; length++) {
      const server = await serveRaw((peer, head) => {
        const all = Buffer.concat([Buffer.from(upgradeResponse(head)), frames]);
        peer.socket.write(all.subarray(0, length), () => peer.socket.resetAndDestroy());
      });
      const events = await ending(createClient(server.url));
      await server.close();
      const names = events.map(([name]) => name);
      // Before the head is whole that is a failed handshake, and an error; a reset can also swallow what came before it.
      if (length < headLength) expect(names).toEqual(['error', 'close']);
      else expect([['error', 'close'], ['close']]).toContainEqual(names);
      expect([1000, 1006]).toContain(events.at(-1)![1]);
    }
  });
});
