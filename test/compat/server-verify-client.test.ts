import { once } from 'node:events';
import { IncomingMessage, STATUS_CODES } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ServerOptions, VerifyClientCallbackAsync, VerifyClientCallbackSync } from 'ws';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { SAMPLE_KEY } from '../handshake/wire.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';
import { difference } from './differences.ts';
import { ENGINES, type Engine } from './engines.ts';
import { answerTo, attempt, refusal, SERVED, serve, upgradeLines } from './served.ts';

type Info = Parameters<VerifyClientCallbackSync>[0];
type Decide = Parameters<VerifyClientCallbackAsync>[1];

const SWITCHING = 'HTTP/1.1 101 Switching Protocols';

/** A `verifyClient` of two arguments that calls back with these. */
function decideWith(...decision: unknown[]): VerifyClientCallbackAsync {
  return (_info, callback) => process.nextTick(callback as (...args: unknown[]) => void, ...decision);
}

/** What becomes of a good request. */
async function answerOf(engine: Engine, options: ServerOptions): Promise<string> {
  const { port } = await serve(engine, options);
  return answerTo(port, upgradeRequest());
}

describe.each(SERVED)('verifyClient of $name', ({ engine, mode }) => {
  it('lets in by its return value', async () => {
    const { url } = await serve(engine, { verifyClient: () => true }, mode);
    expect(await attempt(url)).toEqual(['open', '']);
  });

  it('refuses by its return value', async () => {
    const connected = vi.fn();
    const { wss, url, port } = await serve(engine, { verifyClient: () => false }, mode);
    wss.on('connection', connected);
    expect(await answerTo(port, upgradeRequest())).toBe(refusal(engine, 401));
    expect(await attempt(url)).toEqual(['error', 'Unexpected server response: 401']);
    expect(connected).not.toHaveBeenCalled();
  });

  it('lets in, and refuses, by its callback', async () => {
    const accepting = await serve(engine, { verifyClient: decideWith(true) }, mode);
    expect(await attempt(accepting.url)).toEqual(['open', '']);
    const refusing = await serve(engine, { verifyClient: decideWith(false) }, mode);
    expect(await answerTo(refusing.port, upgradeRequest())).toBe(refusal(engine, 401));
  });

  it('calls back at once or later', async () => {
    const verifyClient: VerifyClientCallbackAsync = (_info, callback) => callback(true);
    const { url } = await serve(engine, { verifyClient }, mode);
    expect(await attempt(url)).toEqual(['open', '']);
  });

  it('has the request, its origin, and whether it is secure', async () => {
    const infos: Info[] = [];
    const verifyClient = vi.fn(function (this: unknown, info: Info) {
      infos.push(info);
      return true;
    });
    const { wss, port } = await serve(engine, { verifyClient }, mode);
    await upgradeLines(port, upgradeRequest({ Origin: 'http://a', 'Sec-WebSocket-Origin': 'http://b' }));
    await upgradeLines(
      port,
      upgradeRequest({
        Origin: 'http://a',
        'Sec-WebSocket-Origin': 'http://b',
        'Sec-WebSocket-Version': '8',
      }),
    );
    await upgradeLines(port, upgradeRequest({}, 'GET /none HTTP/1.1'));
    expect(infos.map(({ origin }) => origin)).toEqual(['http://a', 'http://b', undefined]);
    expect(infos.map(({ secure }) => secure)).toEqual([false, false, false]);
    expect(infos.map(({ req }) => req.url)).toEqual(['/', '/', '/none']);
    for (const info of infos) {
      expect(Object.keys(info)).toEqual(['origin', 'secure', 'req']);
      expect(info.req).toBeInstanceOf(IncomingMessage);
    }
    expect(verifyClient.mock.contexts[0]).toBe(wss.options);
  });

  it('is read at each upgrade', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    expect((await upgradeLines(port))[0]).toBe(SWITCHING);
    wss.options.verifyClient = () => false;
    expect(await answerTo(port, upgradeRequest())).toBe(refusal(engine, 401));
    wss.options.verifyClient = undefined;
    expect((await upgradeLines(port))[0]).toBe(SWITCHING);
  });

  it('may be null', async () => {
    const { port } = await serve(engine, { verifyClient: null as never }, mode);
    expect((await upgradeLines(port))[0]).toBe(SWITCHING);
  });

  it('drops a client that has gone meanwhile, and there is no "connection"', async () => {
    let decide: Decide = () => {};
    let asked = (_info: Info) => {};
    const asking = new Promise<Info>((resolve) => {
      asked = resolve;
    });
    const verifyClient: VerifyClientCallbackAsync = (info, callback) => {
      decide = callback;
      asked(info);
    };
    const { wss, port } = await serve(engine, { verifyClient }, mode);
    const connected = vi.fn();
    wss.on('connection', connected);
    const peer = await connectRaw(port, { allowHalfOpen: true });
    peer.socket.end(upgradeRequest());
    const { req } = await asking;
    const ended = once(req.socket, 'end');
    req.socket.resume();
    await ended;
    decide(true);
    await peer.closed;
    expect(peer.received.toString()).toBe('');
    expect(req.socket.destroyed).toBe(true);
    expect([connected.mock.calls, wss.clients.size]).toEqual([[], 0]);
  });

  it('may come after the client was reset', async () => {
    let decide: Decide = () => {};
    let asked = (_info: Info) => {};
    const asking = new Promise<Info>((resolve) => {
      asked = resolve;
    });
    const { wss, port } = await serve(
      engine,
      {
        verifyClient: (info: Info, callback: Decide) => {
          decide = callback;
          asked(info);
        },
      },
      mode,
    );
    const connected = vi.fn();
    wss.on('connection', connected);
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest());
    const { req } = await asking;
    const closed = new Promise((resolve) => req.socket.once('close', resolve));
    req.socket.resume();
    peer.socket.resetAndDestroy();
    await closed;
    decide(true);
    decide(false);
    expect(connected).not.toHaveBeenCalled();
  });
});

describe.each(ENGINES)('what verifyClient of $name refuses with', (engine) => {
  it.each<[string, unknown[], number, (string | undefined)?, string[]?]>([
    ['a status', [403], 403],
    ['a status in a string', ['404'], 404],
    ['no status', [undefined, 'no'], 401, 'no'],
    ['the status 0', [0], 401],
    ['the status null', [null, null, null], 401],
    ['a message', [401, 'Nobody knows you: é€😀'], 401, 'Nobody knows you: é€😀'],
    ['an empty message', [401, ''], 401, STATUS_CODES[401]],
    [
      'headers',
      [404, '', { 'Retry-After': 120, 'X-A': 'b' }],
      404,
      undefined,
      ['Retry-After: 120', 'X-A: b'],
    ],
    ['a header of several values', [403, 'x', { 'Set-Cookie': ['a', 'b'] }], 403, 'x', ['Set-Cookie: a,b']],
    ['a header that is no Latin-1', [403, 'x', { 'X-Name': 'żółw é' }], 403, 'x', ['X-Name: żółw é']],
    ['a success', [200, 'fine'], 200, 'fine'],
    ['a redirection', [302, '', { Location: '/login' }], 302, undefined, ['Location: /login']],
  ])('%s', async (_what, decision, statusCode, body, headers) => {
    expect(await answerOf(engine, { verifyClient: decideWith(false, ...decision) })).toBe(
      refusal(engine, statusCode, body, headers),
    );
  });

  it('headers in the place of its own', async () => {
    const headers = { Connection: 'foo', 'Content-Type': 'application/json' };
    const answer = await answerOf(engine, { verifyClient: decideWith(false, 403, '{}', headers) });
    expect(answer).toBe(
      'HTTP/1.1 403 Forbidden\r\nConnection: foo\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    );
  });

  it(difference('refusal-header-names'), async () => {
    const headers = { 'content-type': 'a/b' };
    const answer = await answerOf(engine, { verifyClient: decideWith(false, 403, '', headers) });
    const expected =
      engine.name === 'ws' ? ['Content-Type: text/html', 'content-type: a/b'] : ['content-type: a/b'];
    expect(answer.match(/^content-type: .*(?=\r$)/gim)).toEqual(expected);
  });

  it(difference('refusal-length'), async () => {
    const headers = { 'Content-Length': 99 };
    const answer = await answerOf(engine, { verifyClient: decideWith(false, 403, 'no', headers) });
    expect(answer.match(/^content-length: .*(?=\r$)/gim)).toEqual([
      `Content-Length: ${engine.name === 'ws' ? 99 : 2}`,
    ]);
  });

  it(difference('unknown-status'), async () => {
    const answer = await answerOf(engine, { verifyClient: decideWith(false, 499, 'x') });
    expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 499 ${engine.name === 'ws' ? 'undefined' : 'Unknown'}`);
  });

  it.each<[string, unknown[], string]>([
    ['a line break in a header', [403, 'x', { 'X-A': 'a\r\nX-B: b' }], 'ERR_INVALID_CHAR'],
    ['a line break in the name of a header', [403, 'x', { 'X-A: a\r\nX-B': 'b' }], 'ERR_INVALID_HTTP_TOKEN'],
    ['a line break in the status', ['403 a\r\nX-B: b', 'x'], 'ERR_HTTP_INVALID_STATUS_CODE'],
  ])(`${difference('refusal-injection')}: %s`, (_what, [code, message, headers], errorCode) => {
    let written = '';
    const socket = new MemorySocket((text) => {
      written += text;
    });
    const wss = new engine.WebSocketServer({
      noServer: true,
      verifyClient: ((_info: Info, callback: (...args: unknown[]) => void) =>
        callback(false, code, message, headers)) as VerifyClientCallbackAsync,
    });
    const request = {
      method: 'GET',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': SAMPLE_KEY,
        'sec-websocket-version': '13',
      },
      socket: {},
    } as IncomingMessage;
    const refuse = () => wss.handleUpgrade(request, socket, Buffer.alloc(0), () => {});
    if (engine.name === 'ws') {
      refuse();
      expect(written).toMatch(/^X-B: b/m);
    } else {
      expect(refuse).toThrow(expect.objectContaining({ code: errorCode }));
      expect([written, socket.destroyed]).toEqual(['', true]);
    }
    socket.destroy();
  });
});

describe.each(ENGINES)('the arguments of verifyClient of $name', (engine) => {
  it('one makes it decide by its return value, of any type', async () => {
    for (const [value, statusCode] of [
      [1, '101'],
      ['yes', '101'],
      [{}, '101'],
      [0, '401'],
      ['', '401'],
      [undefined, '401'],
      [null, '401'],
    ] as const) {
      const { port } = await serve(engine, { verifyClient: (() => value) as () => never });
      expect([value, (await upgradeLines(port))[0]!.split(' ')[1]]).toEqual([value, statusCode]);
    }
  });

  it('two make it call back, whatever it returns', async () => {
    const verifyClient = async (_info: Info, callback: Decide) => callback(false, 403);
    expect(await answerOf(engine, { verifyClient })).toBe(refusal(engine, 403));
  });

  it('none or three make it return', async () => {
    const three = ((_info: Info, callback: unknown, more: unknown) => !callback && !more) as never;
    const { port } = await serve(engine, { verifyClient: three });
    expect((await upgradeLines(port))[0]).toBe(SWITCHING);
    const rest = (...args: unknown[]) => args.length === 1;
    expect((await upgradeLines((await serve(engine, { verifyClient: rest })).port))[0]).toBe(SWITCHING);
  });

  it(`may return a promise; ${difference('hook-promise')}`, async () => {
    const verifyClient = (accepted: boolean) => (async () => accepted) as unknown as () => boolean;
    const refusing = await serve(engine, { verifyClient: verifyClient(false) });
    const [statusLine] = await upgradeLines(refusing.port);
    expect(statusLine).toBe(engine.name === 'ws' ? SWITCHING : 'HTTP/1.1 401 Unauthorized');
    const accepting = await serve(engine, { verifyClient: verifyClient(true) });
    expect((await upgradeLines(accepting.port))[0]).toBe(SWITCHING);
  });

  it(`may return a promise that is rejected, which surfaces; ${difference('hook-promise')}`, async () => {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    onTestFinished(() => {
      for (const listener of others) process.on('unhandledRejection', listener);
    });
    const surfaced = once(process, 'unhandledRejection');
    const broken = new Error('no database');
    const verifyClient = (async () => {
      throw broken;
    }) as unknown as () => boolean;
    const { port } = await serve(engine, { verifyClient });
    expect((await upgradeLines(port))[0]).toBe(
      engine.name === 'ws' ? SWITCHING : 'HTTP/1.1 500 Internal Server Error',
    );
    expect((await surfaced)[0]).toBe(broken);
  });
});
