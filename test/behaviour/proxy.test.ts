import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { header as headersOf, serveScript } from '../compat/client-peers.ts';
import { type Certificate, makeCertificate } from '../e2e/certificate.ts';
import { holdTimers } from '../hold-timers.ts';
import { ended } from '../security/attack.ts';
import { echo, expectEcho, openClient, startTestServer } from './engine.ts';
import { OPEN, startHttpProxy, startSocksProxy } from './proxies.ts';

const header = (head: string | undefined, name: string): string | undefined => headersOf(head!, name)[0];

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate();
});

async function startEcho(): Promise<string> {
  const { wss, url } = await startTestServer();
  wss.on('connection', echo);
  return url;
}

async function startSecureEcho() {
  const { cert, key } = certificate;
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', tls: { cert, key } });
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
  });
  wss.on('connection', echo);
  await once(wss, 'listening');
  return { wss, port: (wss.address() as AddressInfo).port };
}

/** What goes through node:http, and what does not. */
const WAYS: ClientOptions[] = [{}, { followRedirects: true }, { agent: false }];

const PROXIES = {
  'an HTTP proxy': async () => {
    const proxy = await startHttpProxy();
    return { ...proxy, option: `http://127.0.0.1:${proxy.port}` };
  },
  'an HTTPS proxy': async () => {
    const proxy = await startHttpProxy({ tls: certificate });
    return { ...proxy, option: { url: `https://127.0.0.1:${proxy.port}`, tls: { ca: certificate.cert } } };
  },
  'a SOCKS proxy': async () => {
    const proxy = await startSocksProxy();
    return { ...proxy, option: `socks5h://127.0.0.1:${proxy.port}` };
  },
};

describe.each(Object.entries(PROXIES))('through %s', (_name, start) => {
  it.each(WAYS)('ws: comes to its server, with %j', async (options) => {
    const url = await startEcho();
    const { option, asked } = await start();
    const ws = await openClient(url, { ...options, proxy: option });
    await expectEcho(ws, 'hello');
    await expectEcho(ws, 'x'.repeat(300_000));
    expect(asked).toHaveLength(1);
  });

  it.each(WAYS)('wss: is TLS with the server, whose name counts, with %j', async (options) => {
    const { wss, port } = await startSecureEcho();
    const { option } = await start();
    const ca = certificate.cert;
    const ws = await openClient(`wss://localhost:${port}/`, { ...options, ca, proxy: option });
    await expectEcho(ws, 'x'.repeat(300_000));
    const other = new WebSocket(`wss://bank.test:${port}/`, { ...options, ca, proxy: option });
    expect(await ended(other)).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID', 1006]);
    const unknown = new WebSocket(`wss://localhost:${port}/`, { ...options, proxy: option });
    expect(await ended(unknown)).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 1006]);
    expect(wss.clients.size).toBe(1);
  });
});

describe('a proxy that refuses', () => {
  it.each(WAYS)('is told with its status, and the connection closed, with %j', async (options) => {
    const closed: Array<Promise<unknown>> = [];
    const { port } = await startHttpProxy({
      answer: (socket, _head, open) => {
        closed.push(once(socket, 'close'));
        open('HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n');
      },
    });
    const ws = new WebSocket('ws://a.test', { ...options, proxy: `127.0.0.1:${port}` });
    const end = ended(ws);
    const [error] = await once(ws, 'error');
    expect(error).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', statusCode: 407 });
    expect(await end).toEqual(['WS_ERR_PROXY_REFUSED', 1006]);
    await closed[0];
  });

  it('does not become the answer of the server', async () => {
    const { port } = await startHttpProxy({
      answer: (_socket, _head, open) => open('HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\n\r\n'),
    });
    const proxy = `127.0.0.1:${port}`;
    const ws = new WebSocket('ws://a.test', { followRedirects: true, proxy });
    ws.on('redirect', () => expect.unreachable());
    ws.on('unexpected-response', () => expect.unreachable());
    expect(await ended(ws)).toEqual(['WS_ERR_PROXY_REFUSED', 1006]);
  });

  it.each(WAYS)('by not being there, with %j', async (options) => {
    const ws = new WebSocket('ws://a.test', { ...options, proxy: '127.0.0.1:1' });
    expect(await ended(ws)).toEqual(['WS_ERR_PROXY_UNREACHABLE', 1006]);
  });
});

describe('a proxy that does not answer', () => {
  /** Where requests wait; `waiting` has the connection of the first one. */
  async function startSilent() {
    let onWaiting: (socket: Socket) => void;
    const waiting = new Promise<Socket>((resolve) => {
      onWaiting = resolve;
    });
    const { port } = await startHttpProxy({ answer: (socket) => onWaiting(socket) });
    return { proxy: `http://127.0.0.1:${port}`, waiting };
  }

  it.each(WAYS)('has until handshakeTimeout, with %j', async (options) => {
    const pass = holdTimers();
    const { proxy, waiting } = await startSilent();
    const ws = new WebSocket('ws://a.test', { ...options, proxy, handshakeTimeout: 100 });
    const end = ended(ws);
    const closed = once(await waiting, 'close');
    pass(100);
    expect(await end).toEqual(['Opening handshake has timed out', 1006]);
    await closed;
  });

  it.each(['terminate', 'close'] as const)('is left by %s()', async (method) => {
    for (const options of WAYS) {
      const { proxy, waiting } = await startSilent();
      const ws = new WebSocket('ws://a.test', { ...options, proxy });
      const end = ended(ws);
      const closed = once(await waiting, 'close');
      ws[method]();
      expect(await end).toEqual(['WebSocket was closed before the connection was established', 1006]);
      await closed;
    }
  });

  it('is left by an AbortSignal', async () => {
    const { proxy, waiting } = await startSilent();
    const controller = new AbortController();
    const ws = new WebSocket('ws://a.test', { proxy, signal: controller.signal });
    const end = ended(ws);
    const closed = once(await waiting, 'close');
    controller.abort();
    expect(await end).toEqual(['ABORT_ERR', 1006]);
    await closed;
    const late = new WebSocket('ws://a.test', { proxy, signal: controller.signal });
    expect(await ended(late)).toEqual(['ABORT_ERR', 1006]);
  });

  it('is left alone by an AbortSignal that comes when the connection is open', async () => {
    const { port } = await startHttpProxy();
    const controller = new AbortController();
    const proxy = `127.0.0.1:${port}`;
    const ws = await openClient(await startEcho(), { proxy, signal: controller.signal });
    controller.abort();
    await expectEcho(ws, 'hello');
  });
});

describe('what is for the proxy', () => {
  it.each(WAYS)('does not go to the server, with %j', async (options) => {
    const { port: to, heads } = await serveScript();
    const { port, asked } = await startHttpProxy();
    const proxy = { url: `http://me:secret@127.0.0.1:${port}`, headers: { 'X-For': 'proxy' } };
    const ws = await openClient(`ws://127.0.0.1:${to}`, {
      ...options,
      auth: 'a:b',
      headers: { Cookie: 'c' },
      proxy,
    });
    ws.terminate();
    expect(asked).toHaveLength(1);
    expect(header(asked[0], 'proxy-authorization')).toBe(`Basic ${btoa('me:secret')}`);
    expect(header(asked[0], 'x-for')).toBe('proxy');
    expect(asked[0]).not.toMatch(/^(cookie|authorization|upgrade):/im);
    expect(heads).toHaveLength(1);
    expect(header(heads[0], 'authorization')).toBe(`Basic ${btoa('a:b')}`);
    expect(heads[0]).not.toMatch(/proxy|x-for/i);
  });

  it('goes to it with each redirect, and to no server', async () => {
    const second = await serveScript();
    const first = await serveScript(
      () => `HTTP/1.1 302 Found\r\nLocation: ws://localhost:${second.port}/\r\n\r\n`,
    );
    const { port, asked } = await startHttpProxy();
    const proxy = `http://me:secret@127.0.0.1:${port}`;
    const ws = await openClient(`ws://127.0.0.1:${first.port}`, { followRedirects: true, proxy });
    ws.terminate();
    const authorizations = asked.map((head) => header(head, 'proxy-authorization'));
    expect(authorizations).toEqual(Array(2).fill(`Basic ${btoa('me:secret')}`));
    for (const head of [...first.heads, ...second.heads]) expect(head).not.toMatch(/authorization/i);
  });
});

describe('the option', () => {
  it('is read at once', () => {
    expect(() => new WebSocket('ws://a.test', { proxy: 'ftp://b' })).toThrow(
      expect.objectContaining({ name: 'SyntaxError', code: 'WS_ERR_INVALID_PROXY' }),
    );
  });

  it.each([{ agent: { addRequest: () => {} } }, { createConnection: () => {} }])(
    'does not go with %o',
    (options) => {
      const conflict = expect.objectContaining({ name: 'TypeError', code: 'WS_ERR_PROXY_CONFLICT' });
      const both = { ...options, proxy: 'http://b' } as unknown as ClientOptions;
      expect(() => new WebSocket('ws://a.test', both)).toThrow(conflict);
    },
  );

  it.each([false, null, undefined] as const)('%s is none', async (proxy) => {
    vi.stubEnv('ALL_PROXY', 'http://127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expectEcho(await openClient(await startEcho(), { proxy }), 'hello');
  });

  it("'env' goes by the environment, for each redirect anew", async () => {
    const second = await serveScript();
    const first = await serveScript(
      () => `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${second.port}/\r\n\r\n`,
    );
    const { port, asked } = await startHttpProxy();
    vi.stubEnv('HTTP_PROXY', `127.0.0.1:${port}`);
    vi.stubEnv('NO_PROXY', `127.0.0.1:${second.port}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const ws = await openClient(first.url, { followRedirects: true, proxy: 'env' });
    ws.terminate();
    expect(asked.map((head) => head.split('\r\n')[0])).toEqual([`CONNECT 127.0.0.1:${first.port} HTTP/1.1`]);
    expect(second.heads).toHaveLength(1);
  });

  it('goes with finishRequest and unexpected-response', async () => {
    const { port: to, heads } = await serveScript(() => 'HTTP/1.1 401 No\r\nContent-Length: 4\r\n\r\nbody');
    const { port } = await startHttpProxy();
    const proxy = `127.0.0.1:${port}`;
    for (const options of WAYS) {
      const ws = new WebSocket(`ws://127.0.0.1:${to}/`, { ...options, proxy });
      const [, response] = await once(ws, 'unexpected-response');
      expect(String(await once(response, 'data'))).toBe('body');
      ws.terminate();
    }
    const finishRequest: ClientOptions['finishRequest'] = (request) => {
      request.setHeader('X-Late', '1');
      request.end();
    };
    await ended(new WebSocket(`ws://127.0.0.1:${to}/`, { finishRequest, proxy }));
    expect(header(heads.at(-1), 'x-late')).toBe('1');
  });
});

it('what comes right behind the answer of a proxy is the server’s', async () => {
  const { port } = await startHttpProxy({
    // A server that speaks before it was asked: what it says is no response to the request, and told so.
    answer: (socket) => socket.write(`${OPEN}HTTP/1.1 403 Early\r\nContent-Length: 0\r\n\r\n`),
  });
  for (const options of WAYS) {
    const ws = new WebSocket('ws://a.test', { ...options, proxy: `127.0.0.1:${port}` });
    expect(await ended(ws)).toEqual(['Unexpected server response: 403', 1006]);
  }
});
