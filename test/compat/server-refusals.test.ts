import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { VerifyClientCallbackAsync } from 'ws';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY } from '../handshake/wire.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';
import { difference } from './differences.ts';
import { ENGINES, type Engine } from './engines.ts';
import { answerTo, refusal, SERVED, serve, upgradeLines } from './served.ts';

const KEY = 'Missing or invalid Sec-WebSocket-Key header';
const VERSION = 'Missing or invalid Sec-WebSocket-Version header';
const VERSIONS = ['Sec-WebSocket-Version: 13, 8'];
const PROTOCOL = 'Invalid Sec-WebSocket-Protocol header';
const EXTENSIONS = 'Invalid or unacceptable Sec-WebSocket-Extensions header';

type Replaced = Record<string, string | undefined>;
type BadRequest = [what: string, replaced: Replaced, message: string, headers?: string[]];

const BAD_REQUESTS: readonly BadRequest[] = [
  ['another Upgrade', { Upgrade: 'foo' }, 'Invalid Upgrade header'],
  ['two Upgrades', { Upgrade: 'websocket, foo' }, 'Invalid Upgrade header'],
  ['no key', { 'Sec-WebSocket-Key': undefined }, KEY],
  ['an empty key', { 'Sec-WebSocket-Key': '' }, KEY],
  ['a key without its padding', { 'Sec-WebSocket-Key': SAMPLE_KEY.slice(0, -2) }, KEY],
  ['a short key', { 'Sec-WebSocket-Key': 'P5l8BJcZwRc=' }, KEY],
  ['a long key', { 'Sec-WebSocket-Key': `A${SAMPLE_KEY}` }, KEY],
  ['a key of other characters', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZ-==' }, KEY],
  ['no version', { 'Sec-WebSocket-Version': undefined }, VERSION, VERSIONS],
  ['an empty version', { 'Sec-WebSocket-Version': '' }, VERSION, VERSIONS],
  ['version 7', { 'Sec-WebSocket-Version': '7' }, VERSION, VERSIONS],
  ['version 12', { 'Sec-WebSocket-Version': '12' }, VERSION, VERSIONS],
  ['two versions', { 'Sec-WebSocket-Version': '13, 8' }, VERSION, VERSIONS],
  ['a version that is no number', { 'Sec-WebSocket-Version': 'foo' }, VERSION, VERSIONS],
  ['an empty subprotocol', { 'Sec-WebSocket-Protocol': '' }, PROTOCOL],
  ['a subprotocol with a space', { 'Sec-WebSocket-Protocol': 'foo bar' }, PROTOCOL],
  ['a subprotocol that is missing', { 'Sec-WebSocket-Protocol': 'foo,' }, PROTOCOL],
  ['a subprotocol twice', { 'Sec-WebSocket-Protocol': 'foo, bar, foo' }, PROTOCOL],
];

const BAD_OFFERS: readonly BadRequest[] = [
  ['a parameter without a name', 'permessage-deflate; =', {}],
  ['an empty header', '', {}],
  ['too small a window', 'permessage-deflate; server_max_window_bits=7', {}],
  ['a window that is no number', 'permessage-deflate; server_max_window_bits=foo', {}],
  ['a takeover with a value', 'permessage-deflate; server_no_context_takeover=10', {}],
  ['a parameter twice', 'permessage-deflate; client_max_window_bits; client_max_window_bits', {}],
  ['an unknown parameter', 'permessage-deflate; foo', {}],
  ['a bad offer behind a good one', 'permessage-deflate, permessage-deflate; foo', {}],
].map(([what, offer]) => [`${what}`, { 'Sec-WebSocket-Extensions': offer as string }, EXTENSIONS]);

/** A server that listens for nothing else, and what its callback got. */
function byHand(engine: Engine) {
  const wss = new engine.WebSocketServer({ noServer: true, perMessageDeflate: true });
  const callback = vi.fn();
  const socket = new MemorySocket((text) => written.push(text));
  const written: string[] = [];
  onTestFinished(() => void socket.destroy());
  return { wss, callback, socket, written };
}

function madeUp(headers: Replaced, method = 'GET'): IncomingMessage {
  return { method, url: '/', headers, socket: {} } as IncomingMessage;
}

const GOOD_HEADERS = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': SAMPLE_KEY,
  'sec-websocket-version': '13',
};

describe.each(SERVED)('$name refuses', ({ engine, mode }) => {
  it.each(BAD_REQUESTS)('%s', async (_what, replaced, message, headers = []) => {
    const { port } = await serve(engine, { perMessageDeflate: true }, mode);
    expect(await answerTo(port, upgradeRequest(replaced))).toBe(refusal(engine, 400, message, headers));
  });

  it.each(BAD_OFFERS)('with permessage-deflate %s', async (_what, replaced, message) => {
    const { port } = await serve(engine, { perMessageDeflate: true }, mode);
    expect(await answerTo(port, upgradeRequest(replaced))).toBe(refusal(engine, 400, message));
  });

  it.each(BAD_OFFERS)('without permessage-deflate not %s', async (_what, replaced) => {
    const { port } = await serve(engine, {}, mode);
    expect((await upgradeLines(port, upgradeRequest(replaced)))[0]).toBe('HTTP/1.1 101 Switching Protocols');
  });

  it.each(['POST', 'PUT', 'HEAD', 'OPTIONS'])(`%s: ${difference('method-allow')}`, async (method) => {
    const { port } = await serve(engine, {}, mode);
    const allow = engine.name === 'ws' ? [] : ['Allow: GET'];
    expect(await answerTo(port, upgradeRequest({}, `${method} / HTTP/1.1`))).toBe(
      refusal(engine, 405, 'Invalid HTTP method', allow),
    );
  });

  it(`a request of HTTP/1.0: ${difference('http-1.0')}`, async () => {
    const { port } = await serve(engine, {}, mode);
    const [statusLine] = await upgradeLines(port, upgradeRequest({}, 'GET / HTTP/1.0'));
    expect(statusLine).toBe(
      engine.name === 'ws' ? 'HTTP/1.1 101 Switching Protocols' : 'HTTP/1.1 400 Bad Request',
    );
  });

  it.each(['013', '13.0', '0xd', '1.3e1', '+8'])(
    `the version %s: ${difference('version-form')}`,
    async (version) => {
      const { port } = await serve(engine, {}, mode);
      const [statusLine] = await upgradeLines(port, upgradeRequest({ 'Sec-WebSocket-Version': version }));
      expect(statusLine).toBe(
        engine.name === 'ws' ? 'HTTP/1.1 101 Switching Protocols' : 'HTTP/1.1 400 Bad Request',
      );
    },
  );

  it('another path', async () => {
    const { port } = await serve(engine, { path: '/chat' }, mode);
    expect(await answerTo(port, upgradeRequest({}, 'GET /foo HTTP/1.1'))).toBe(refusal(engine, 400));
  });

  it('the first fault, in this order', async () => {
    const faults: Replaced = {
      Upgrade: 'foo',
      'Sec-WebSocket-Key': 'foo',
      'Sec-WebSocket-Version': 'foo',
      'Sec-WebSocket-Protocol': 'foo bar',
      'Sec-WebSocket-Extensions': 'permessage-deflate; =',
    };
    const verifyClient = vi.fn(() => false);
    const options = { path: '/chat', perMessageDeflate: true, verifyClient };
    const { port } = await serve(engine, options, mode);
    const bodyOf = async (startLine: string) => {
      const answer = await answerTo(port, upgradeRequest(faults, startLine));
      return `${answer.slice(9, 12)} ${answer.slice(answer.indexOf('\r\n\r\n') + 4)}`;
    };
    const bodies = [await bodyOf('POST /foo HTTP/1.1')];
    for (const name of ['Upgrade', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']) {
      bodies.push(await bodyOf('GET /foo HTTP/1.1'));
      faults[name] = { ...GOOD_HEADERS }[name.toLowerCase()];
    }
    bodies.push(await bodyOf('GET /foo HTTP/1.1'));
    for (const name of ['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions']) {
      bodies.push(await bodyOf('GET /chat HTTP/1.1'));
      faults[name] = undefined;
    }
    expect(verifyClient).not.toHaveBeenCalled();
    bodies.push(await bodyOf('GET /chat HTTP/1.1'));
    expect(verifyClient).toHaveBeenCalledOnce();
    expect(bodies).toEqual([
      '405 Invalid HTTP method',
      '400 Invalid Upgrade header',
      `400 ${KEY}`,
      `400 ${VERSION}`,
      '400 Bad Request',
      `400 ${PROTOCOL}`,
      `400 ${EXTENSIONS}`,
      '401 Unauthorized',
    ]);
  });

  it('with 503 when it is closed meanwhile, and the callback is not called', async () => {
    let accept = () => {};
    let asked = () => {};
    const verifying = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const verifyClient: VerifyClientCallbackAsync = (_info, callback) => {
      accept = () => callback(true);
      asked();
    };
    const { wss, port } = await serve(engine, { verifyClient }, mode);
    const connected = vi.fn();
    wss.on('connection', connected);
    const answer = answerTo(port, upgradeRequest());
    await verifying;
    wss.close();
    accept();
    expect(await answer).toBe(refusal(engine, 503));
    expect(connected).not.toHaveBeenCalled();
  });
});

describe.each(SERVED)('wsClientError of $name', ({ engine, mode }) => {
  it.each([...BAD_REQUESTS, ...BAD_OFFERS])(
    'has the refusal of %s, which the listener writes',
    async (...bad) => {
      const [, replaced, message] = bad;
      const { wss, port } = await serve(engine, { perMessageDeflate: true }, mode);
      const told = new Promise<[Error, Duplex, IncomingMessage]>((resolve) => {
        wss.on('wsClientError', (...args: [Error, Duplex, IncomingMessage]) => resolve(args));
      });
      const peer = await connectRaw(port);
      peer.socket.write(upgradeRequest(replaced));
      const [error, socket, request] = await told;
      expect([error.constructor, error.message, error.name]).toEqual([Error, message, 'Error']);
      expect(request).toBeInstanceOf(IncomingMessage);
      expect(request.socket).toBe(socket);
      expect((socket as Socket).remotePort).toBe(peer.socket.localPort);
      socket.end(`HTTP/1.1 418 Teapot\r\n\r\n${error.message}`);
      await peer.closed;
      expect(peer.received.toString()).toBe(`HTTP/1.1 418 Teapot\r\n\r\n${message}`);
    },
  );

  it('has the refusal of another method', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.on('wsClientError', (error: Error, socket: Duplex) => socket.end(error.message));
    expect(await answerTo(port, upgradeRequest({}, 'POST / HTTP/1.1'))).toBe('Invalid HTTP method');
  });

  it.each([
    ['the path', { path: '/chat' }, 400],
    ['verifyClient', { verifyClient: () => false }, 401],
  ] as const)('does not have the refusal by %s', async (_what, options, statusCode) => {
    const { wss, port } = await serve(engine, options, mode);
    const told = vi.fn();
    wss.on('wsClientError', told);
    expect(await answerTo(port, upgradeRequest())).toBe(refusal(engine, statusCode));
    expect(told).not.toHaveBeenCalled();
  });

  it('lets the listener leave the socket open', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    const told = once(wss, 'wsClientError');
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest({ 'Sec-WebSocket-Version': '7' }));
    const [, socket] = await told;
    expect([socket.destroyed, socket.writableEnded]).toEqual([false, false]);
    // The socket's errors are taken care of.
    socket.destroy(new Error('reset'));
    await peer.closed;
    expect(peer.received.toString()).toBe('');
  });
});

describe.each(ENGINES)('handleUpgrade of $name refuses by hand', (engine) => {
  it.each([
    ['no Upgrade', { ...GOOD_HEADERS, upgrade: undefined }, 'Invalid Upgrade header'],
    ['an empty Upgrade', { ...GOOD_HEADERS, upgrade: '' }, 'Invalid Upgrade header'],
    ['no key', { ...GOOD_HEADERS, 'sec-websocket-key': undefined }, KEY],
  ])('%s, on any Duplex, and ends it', async (_what, headers, message) => {
    const { wss, callback, socket, written } = byHand(engine);
    const closed = once(socket, 'close');
    wss.handleUpgrade(madeUp(headers), socket, Buffer.alloc(0), callback);
    await closed;
    expect(written.join('')).toBe(refusal(engine, 400, message));
    expect(callback).not.toHaveBeenCalled();
  });

  it(difference('connection-header'), async () => {
    const { wss, callback, socket, written } = byHand(engine);
    const headers = { ...GOOD_HEADERS, connection: 'keep-alive' };
    wss.handleUpgrade(madeUp(headers), socket, Buffer.alloc(0), callback);
    if (engine.name === 'ws') {
      expect(callback).toHaveBeenCalledOnce();
    } else {
      await once(socket, 'close');
      expect(written.join('')).toBe(refusal(engine, 400, 'Invalid Connection header'));
    }
  });

  it('when it is closed: 503', async () => {
    const { wss, callback, socket, written } = byHand(engine);
    const closed = new Promise<void>((resolve) => wss.close(() => resolve()));
    wss.handleUpgrade(madeUp(GOOD_HEADERS), socket, Buffer.alloc(0), callback);
    await Promise.all([closed, once(socket, 'close')]);
    expect(written.join('')).toBe(refusal(engine, 503));
    const late = byHand(engine);
    wss.handleUpgrade(madeUp(GOOD_HEADERS), late.socket, Buffer.alloc(0), callback);
    await once(late.socket, 'close');
    expect(late.written.join('')).toBe(refusal(engine, 503));
    expect(callback).not.toHaveBeenCalled();
  });

  it('and takes care of the errors of the socket', async () => {
    const { wss, callback, socket } = byHand(engine);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    wss.handleUpgrade(madeUp({ ...GOOD_HEADERS, upgrade: 'foo' }), socket, Buffer.alloc(0), callback);
    socket.destroy(new Error('reset'));
    await closed;
    expect(socket.errored?.message).toBe('reset');
  });
});

describe.each(SERVED)('$name upgrades', ({ engine, mode }) => {
  it.each<[string, Replaced, string?]>([
    ['version 13', {}],
    ['version 8', { 'Sec-WebSocket-Version': '8' }],
    ['Upgrade in other letters', { Upgrade: 'WebSocket' }],
    ['Connection with more', { Connection: 'keep-alive, upgrade' }],
    ['without Host', { Host: undefined }],
    ['unknown extensions', { 'Sec-WebSocket-Extensions': 'foo; bar, baz' }],
    ['the path with a query', {}, '/chat?a=b?c'],
  ])('%s', async (_what, replaced, target = '/chat') => {
    const { port } = await serve(engine, { path: '/chat', perMessageDeflate: true }, mode);
    expect(await upgradeLines(port, upgradeRequest(replaced, `GET ${target} HTTP/1.1`))).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`,
    ]);
  });
});

describe.each(ENGINES)('the body of a refusal by $name', (engine) => {
  it(difference('refusal-type'), async () => {
    const { port } = await serve(engine);
    const answer = await answerTo(port, upgradeRequest({ 'Sec-WebSocket-Version': '7' }));
    expect(answer.match(/^Content-Type: .*(?=\r$)/gm)).toEqual([
      `Content-Type: ${engine.name === 'ws' ? 'text/html' : 'text/plain; charset=utf-8'}`,
    ]);
  });
});

describe.each(ENGINES)('an HTTP server with $name', (engine) => {
  it('still answers ordinary requests, as with 426', async () => {
    const http = createServer((_request, response) => response.writeHead(426).end('Upgrade Required'));
    const wss = new engine.WebSocketServer({ server: http.listen(0, '127.0.0.1') });
    onTestFinished(() => {
      wss.close();
      http.close();
    });
    await once(wss, 'listening');
    const { port } = http.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    expect([response.status, await response.text()]).toEqual([426, 'Upgrade Required']);
    expect((await upgradeLines(port))[0]).toBe('HTTP/1.1 101 Switching Protocols');
  });
});
