import { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { upgradeResponse } from '../behaviour/raw-peer.ts';
import { connect, failure, PATHS, type Script, serveScript, trace, upgrading } from './client-peers.ts';
import { difference } from './differences.ts';

const GIVEN_UP = failure('WebSocket was closed before the connection was established');
const METHODS = ['close', 'terminate'] as const;

describe.each(PATHS)('the end of the attempt of a client of $name', ({ engine, over, isHttp }) => {
  async function attempt(script: Script, options: object = {}) {
    const server = await serveScript(script);
    return { server, ws: connect(engine, server.url, { ...over, ...options }) };
  }

  describe("'upgrade'", () => {
    it('has the response', async () => {
      const { ws } = await attempt(upgrading({ 'X-Foo': 'bar' }));
      const response = await new Promise<IncomingMessage>((resolve) => ws.on('upgrade', resolve));
      expect(response).toBeInstanceOf(IncomingMessage);
      expect(response).toMatchObject({
        statusCode: 101,
        statusMessage: 'Switching Protocols',
        httpVersion: '1.1',
        headers: { 'x-foo': 'bar', upgrade: 'websocket' },
      });
      expect(response.rawHeaders.slice(0, 2)).toEqual(['Upgrade', 'websocket']);
      expect(response.socket).toHaveProperty('remoteAddress', '127.0.0.1');
    });

    it('comes before open, in CONNECTING', async () => {
      const { ws } = await attempt(upgrading());
      const seen: unknown[] = [];
      ws.on('upgrade', () => seen.push(['upgrade', ws.readyState]));
      await new Promise<void>((resolve) => {
        ws.on('open', () => {
          seen.push(['open', ws.readyState]);
          resolve();
        });
      });
      expect(seen).toEqual([
        ['upgrade', engine.WebSocket.CONNECTING],
        ['open', engine.WebSocket.OPEN],
      ]);
    });

    it.each(METHODS)('may call %s()', async (method) => {
      const { ws, server } = await attempt(upgrading());
      ws.on('upgrade', () => ws[method]());
      expect(await trace(ws)).toEqual(['upgrade', ...GIVEN_UP]);
      await gone(server.sockets[0]!);
    });
  });

  describe("'unexpected-response'", () => {
    const REFUSAL = 'HTTP/1.1 401 Not you\r\nX-Foo: bar\r\nContent-Length: 5\r\n\r\nsorry';

    const refused = (ws: WebSocket) =>
      new Promise<[ClientRequest, IncomingMessage]>((resolve) => {
        ws.on('unexpected-response', (request, response) => resolve([request, response]));
      });

    it('has the request and the response', async () => {
      const { ws } = await attempt(() => REFUSAL);
      const [request, response] = await refused(ws);
      expect(request).toBeInstanceOf(ClientRequest);
      expect(request.getHeader('upgrade')).toBe('websocket');
      expect(request.path).toBe('/');
      expect(response).toBeInstanceOf(IncomingMessage);
      expect(response).toMatchObject({
        statusCode: 401,
        statusMessage: 'Not you',
        headers: { 'x-foo': 'bar', 'content-length': '5' },
      });
    });

    it.each([
      ['of a length', REFUSAL, 'sorry'],
      [
        'in chunks',
        'HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsor\r\n2\r\nry\r\n0\r\n\r\n',
        'sorry',
      ],
      ['of nothing', 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n', ''],
      [
        'that is long',
        `HTTP/1.1 500 No\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`,
        'x'.repeat(300_000),
      ],
    ])('lets a body %s be read, and nothing else happens', async (_, text, body) => {
      const { ws } = await attempt(() => text);
      const told: string[] = [];
      for (const name of ['upgrade', 'open', 'error', 'close']) ws.on(name, () => told.push(name));
      const [, response] = await refused(ws);
      const chunks = await response.setEncoding('utf8').toArray();
      expect(chunks.join('')).toBe(body);
      expect(told).toEqual([]);
      expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
    });

    it.each(METHODS)('may call %s()', async (method) => {
      const { ws, server } = await attempt(() => REFUSAL);
      ws.on('unexpected-response', () => ws[method]());
      expect(await trace(ws, ['unexpected-response'])).toEqual(['unexpected-response', ...GIVEN_UP]);
      await gone(server.sockets[0]!);
    });

    it.each(METHODS)('leaves %s() to end the attempt later', async (method) => {
      const { ws, server } = await attempt(() => REFUSAL);
      const [, response] = await refused(ws);
      await response.toArray();
      const told = trace(ws);
      ws[method]();
      expect(ws.readyState).toBe(engine.WebSocket.CLOSING);
      expect(await told).toEqual(GIVEN_UP);
      await gone(server.sockets[0]!);
    });

    it.each(['abort', 'destroy'] as const)('lets the request %s()', async (method) => {
      const { ws, server } = await attempt(() => REFUSAL.slice(0, -2));
      const [request, response] = await refused(ws);
      response.on('error', () => {});
      const told = trace(ws);
      const closed = new Promise((resolve) => request.on('close', resolve));
      request[method]();
      await gone(server.sockets[0]!);
      await closed;
      // Nothing was told so far; the attempt is still there to be ended.
      expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
      ws.close();
      expect(await told).toEqual(GIVEN_UP);
    });

    it(difference('client-late-listener'), async () => {
      let answer = (): void => {};
      const asked = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const { ws, server } = await attempt(() => {
        answer();
        return undefined;
      });
      await asked;
      const told = refused(ws);
      ws.on('error', () => {});
      const closed = new Promise((resolve) => ws.on('close', () => resolve('close')));
      server.sockets[0]!.write(REFUSAL);
      expect(await Promise.race([told.then(() => 'unexpected-response'), closed])).toBe(
        isHttp ? 'unexpected-response' : 'close',
      );
    });

    it('is told once to each listener, and makes no error', async () => {
      const { ws } = await attempt(() => REFUSAL);
      let first = 0;
      ws.once('unexpected-response', () => first++);
      await refused(ws);
      expect(first).toBe(1);
      expect(ws.listenerCount('unexpected-response')).toBe(1);
    });

    it('is told for a redirect that is not followed', async () => {
      const { ws } = await attempt(
        () => 'HTTP/1.1 302 There\r\nLocation: ws://localhost/\r\nContent-Length: 0\r\n\r\n',
      );
      const [, response] = await refused(ws);
      expect(response.statusCode).toBe(302);
    });
  });

  describe('what is no response', () => {
    const code = (ws: WebSocket) =>
      new Promise((resolve) => ws.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)));

    it.each([
      ['garbage', 'foo\r\n\r\n', 'HPE_INVALID_CONSTANT'],
      ['another protocol', 'SSH-2.0-foo\r\n', 'HPE_INVALID_CONSTANT'],
      ['a version of HTTP that there is not', 'HTTP/9.9 101 Foo\r\n\r\n', 'HPE_INVALID_VERSION'],
      ['a status that is no number', 'HTTP/1.1 foo Foo\r\n\r\n', 'HPE_INVALID_STATUS'],
      ['a header without a name', 'HTTP/1.1 101 Foo\r\n: foo\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
      ['a header without a colon', 'HTTP/1.1 101 Foo\r\nfoo\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ])('%s', async (_, text, expected) => {
      const { ws } = await attempt(() => text);
      expect(await code(ws)).toBe(expected);
    });

    it.each(METHODS)('lets %s() be called in the error', async (method) => {
      const { ws } = await attempt(() => 'foo\r\n\r\n');
      ws.on('error', () => ws[method]());
      const told = await trace(ws);
      expect(told).toEqual([
        expect.stringMatching(/^error Error: Parse Error: Expected HTTP/),
        "close 1006 ''",
      ]);
    });

    it.each([
      ['nothing', ''],
      ['a piece of the head', 'HTTP/1.1 101 Switching'],
      ['a head without its end', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'],
    ])('but %s and the end', async (_, text) => {
      const { ws } = await attempt((_head, socket) => void socket.end(text));
      const codes = code(ws);
      expect(await trace(ws)).toEqual(failure('socket hang up'));
      expect(await codes).toBe('ECONNRESET');
    });

    it('but a reset', async () => {
      const { ws } = await attempt((_head, socket) => void socket.resetAndDestroy());
      const codes = code(ws);
      expect(await trace(ws)).toEqual(failure('read ECONNRESET'));
      expect(await codes).toBe('ECONNRESET');
    });
  });

  describe('an upgraded connection that ends at once', () => {
    it.each([
      ['with its end', (socket: Socket) => void socket.end()],
      ['with a reset', (socket: Socket) => void socket.resetAndDestroy()],
    ])('%s is a close 1006 without a reason', async (_, end) => {
      const { ws } = await attempt((head, socket) => {
        socket.write(upgradeResponse(head), () => end(socket));
        return undefined;
      });
      const reason = new Promise((resolve) => ws.on('close', (_code, buffer) => resolve(buffer)));
      expect(await trace(ws)).toEqual(['upgrade', 'open', "close 1006 ''"]);
      expect(await reason).toEqual(Buffer.alloc(0));
    });

    it('still tells the messages behind the response', async () => {
      const { ws } = await attempt(
        (head, socket) => void socket.end(`${upgradeResponse(head)}\x81\x03foo`, 'latin1'),
      );
      expect(await trace(ws)).toEqual(['upgrade', 'open', 'message', "close 1006 ''"]);
    });

    it('tells messages that come with the response, or in pieces', async () => {
      const { ws } = await attempt((head, socket) => {
        socket.write(`${upgradeResponse(head)}\x81\x03foo\x81`, 'latin1');
        socket.end('\x03bar', 'latin1');
        return undefined;
      });
      const messages: string[] = [];
      ws.on('message', (data) => messages.push(`${data}`));
      await trace(ws);
      expect(messages).toEqual(['foo', 'bar']);
    });
  });

  describe('handshakeTimeout', () => {
    it.each([
      ['the response', ''],
      ['the end of the response', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'],
    ])('ends the wait for %s', async (_, text) => {
      const { ws, server } = await attempt(() => text, { handshakeTimeout: 20 });
      expect(await trace(ws)).toEqual(failure('Opening handshake has timed out'));
      // It may be accepted later than it is given up.
      while (server.sockets.length === 0) await new Promise(setImmediate);
      await gone(server.sockets[0]!);
    });

    it('is an error in CLOSING', async () => {
      const { ws } = await attempt(() => '', { handshakeTimeout: 20 });
      const state = new Promise((resolve) => ws.on('error', () => resolve(ws.readyState)));
      expect(await state).toBe(engine.WebSocket.CLOSING);
    });

    it(difference('client-handshake-timeout'), async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      let onRequest = (): void => {};
      const requested = new Promise<void>((resolve) => {
        onRequest = resolve;
      });
      const { ws } = await attempt(() => {
        onRequest();
        return '';
      });
      ws.on('error', () => {});
      await requested;
      vi.advanceTimersByTime(29_999);
      expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
      vi.advanceTimersByTime(1);
      const { CLOSING, CONNECTING } = engine.WebSocket;
      expect(ws.readyState).toBe(engine.name === 'ws' ? CONNECTING : CLOSING);
    });

    it('0 is no limit', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const { ws } = await attempt(() => '', { handshakeTimeout: 0 });
      vi.advanceTimersByTime(1e9);
      expect(ws.readyState).toBe(engine.WebSocket.CONNECTING);
    });

    it('ends the wait for a connection', async () => {
      const ws = connect(engine, 'ws://example.com', { handshakeTimeout: 20, lookup() {} });
      expect(await trace(ws)).toEqual(failure('Opening handshake has timed out'));
    });
  });
});

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.resume().on('close', () => resolve());
  });
}
