import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type * as ws from 'ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from '../../src/index.ts';
import { closeCode, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';
import { connectRaw, upgradeRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { ENGINES } from '../compat/engines.ts';
import { answerTo, serve } from '../compat/served.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';

const HAWSER = ENGINES.find(({ name }) => name === 'hawser')!;
const UNAVAILABLE = /^HTTP\/1.1 503 Service Unavailable\r\n[\s\S]*\r\nRetry-After: 5\r\n/;
const FORBIDDEN = /^HTTP\/1.1 403 Forbidden\r\n[\s\S]*\r\n\r\nOrigin not allowed$/;

describe('maxConnections', () => {
  it('refuses those beyond with 503, until one is gone', async () => {
    const { port, wss } = await startTestServer({ maxConnections: 2 });
    const accepted = nextConnection(wss, (ws) => ({ closed: closeCode(ws) }));
    const first = await upgradeRaw(port);
    await upgradeRaw(port);
    expect(await answerTo(port, upgradeRequest())).toMatch(UNAVAILABLE);
    first.socket.destroy();
    await (await accepted).closed;
    await upgradeRaw(port);
    expect(await answerTo(port, upgradeRequest())).toMatch(UNAVAILABLE);
  });

  it('counts also where clients are not tracked', async () => {
    const wss = new WebSocketServer({ noServer: true, clientTracking: false, maxConnections: 1 });
    const upgrade = async () => {
      let answer = '';
      const socket = new MemorySocket((text) => {
        answer += text;
      });
      const accepted = new Promise<WebSocket | undefined>((resolve) => {
        socket.once('finish', () => resolve(undefined));
        wss.handleUpgrade(request(), socket, Buffer.alloc(0), resolve);
      });
      return { ws: await accepted, answer };
    };
    const { ws } = await upgrade();
    expect((await upgrade()).answer).toMatch(UNAVAILABLE);
    const closed = closeCode(ws!);
    ws!.terminate();
    await closed;
    const again = await upgrade();
    expect(again.answer).toMatch(/^HTTP\/1.1 101 /);
    again.ws!.terminate();
  });

  it('does not answer into a connection that is one, when its socket is given again', async () => {
    const wss = new WebSocketServer({ noServer: true, maxConnections: 1 });
    let written = '';
    const socket = new MemorySocket((text) => {
      written += text;
    });
    wss.handleUpgrade(request(), socket, Buffer.alloc(0), () => {});
    expect(() => wss.handleUpgrade(request(), socket, Buffer.alloc(0), () => {})).toThrow('more than once');
    expect(written.match(/HTTP\/1.1 /g)).toHaveLength(1);
    for (const ws of wss.clients) ws.terminate();
  });

  it('is asked before verifyClient, and again behind it', async () => {
    const asked: Array<(yes: boolean) => void> = [];
    let wasAsked = (): void => {};
    const { port } = await startTestServer({
      maxConnections: 1,
      verifyClient: (_info, callback) => {
        asked.push(callback);
        wasAsked();
      },
    });
    const both = new Promise<void>((resolve) => {
      wasAsked = () => asked.length === 2 && resolve();
    });
    const first = upgradeRaw(port);
    const second = upgradeRaw(port).catch((error: Error) => error.message);
    await both;
    for (const decide of asked) decide(true);
    const answers = await Promise.all([first.catch((error: Error) => error.message), second]);
    expect(answers.filter((answer) => typeof answer !== 'string')).toHaveLength(1);
    expect(answers.find((answer) => typeof answer === 'string')).toContain('503');
    await answerTo(port, upgradeRequest());
    expect(asked).toHaveLength(2);
  });

  it.each([0, null as never])('%s is no limit', async (maxConnections) => {
    const { port } = await startTestServer({ maxConnections });
    await upgradeRaw(port);
    await upgradeRaw(port);
  });

  it('may be changed while the server runs', async () => {
    const { port, wss } = await startTestServer({ maxConnections: 1 });
    await upgradeRaw(port);
    wss.options.maxConnections = 2;
    await upgradeRaw(port);
    expect(await answerTo(port, upgradeRequest())).toMatch(UNAVAILABLE);
  });

  it('on a port drops sockets before TLS and head that are a thousand beyond', async () => {
    const { wss } = await startTestServer({ maxConnections: 5 });
    expect(wss._server!.maxConnections).toBe(5 + 1_024);
    wss._server!.maxConnections = 1;
    const { port } = wss.address() as { port: number };
    const connected = once(wss._server!, 'connection');
    const first = await connectRaw(port);
    await connected;
    const second = await connectRaw(port);
    await second.closed;
    expect([first.socket.destroyed, second.received.length]).toEqual([false, 0]);
    first.socket.destroy();
  });
});

describe('handshakeTimeout of a server', () => {
  // On an HTTP server, as on a port the head has the same time, and may have had it.
  const startAttached = (options: ServerOptions) => serve(HAWSER, options as ws.ServerOptions, 'server');
  const SHORT = { handshakeTimeout: 5 };

  it('ends a TLS handshake that does not come', async () => {
    const { port } = await startTestServer({ ...SHORT, tls: makeCertificate() });
    const peer = await connectRaw(port);
    await peer.closed;
    expect(peer.received).toHaveLength(0);
  });

  it.each<[string, Partial<ServerOptions>]>([
    ['a verifyClient that never calls back', { verifyClient: (_info, _callback) => {} }],
    ['a verifyClient whose promise stays', { verifyClient: (() => new Promise(() => {})) as never }],
  ])('ends %s with 503', async (_, options) => {
    const { wss, port } = await startAttached({ ...SHORT, ...options });
    expect(await answerTo(port, upgradeRequest())).toMatch(UNAVAILABLE);
    expect(wss.clients.size).toBe(0);
  });

  it('ends a shouldHandle that stays undecided, by hand', async () => {
    class Undecided extends WebSocketServer {
      override shouldHandle(): Promise<boolean> {
        return new Promise(() => {});
      }
    }
    const wss = new Undecided({ noServer: true, ...SHORT });
    let answer = '';
    const socket = new MemorySocket((text) => {
      answer += text;
    });
    const callback = vi.fn();
    wss.handleUpgrade(request(), socket, Buffer.alloc(0), callback);
    await once(socket, 'close');
    expect(answer).toMatch(UNAVAILABLE);
    expect(callback).not.toHaveBeenCalled();
  });

  it('ends one whose hook threw, so that no socket stays', async () => {
    const wss = new WebSocketServer({
      noServer: true,
      ...SHORT,
      verifyClient: () => {
        throw new Error('of the application');
      },
    });
    const socket = new MemorySocket(() => {});
    expect(() => wss.handleUpgrade(request(), socket, Buffer.alloc(0), () => {})).toThrow(
      'of the application',
    );
    await once(socket, 'close');
  });

  it.each([true, false])('takes a decision that comes too late, %s, for none', async (yes) => {
    let decide: ((accepted: boolean) => void) | undefined;
    const { wss, port } = await startAttached({
      ...SHORT,
      verifyClient: (_info, callback) => {
        decide = callback;
      },
    });
    const answer = await answerTo(port, upgradeRequest());
    decide!(yes);
    expect(answer.match(/HTTP\/1.1 /g)).toHaveLength(1);
    expect(wss.clients.size).toBe(0);
  });

  it('does not touch what was decided', async () => {
    const { wss, port } = await startAttached({
      ...SHORT,
      verifyClient: (_info, callback) => void setImmediate(callback, true),
    });
    const accepted = once(wss, 'connection');
    const peer = await upgradeRaw(port);
    const [ws] = await accepted;
    // Another timer of as many milliseconds, begun later, is over later.
    await new Promise((resolve) => setTimeout(resolve, SHORT.handshakeTimeout));
    expect([ws.readyState, peer.received.length]).toEqual([1, 0]);
  });
});

describe('origins', () => {
  it('takes all by default, as ws does', async () => {
    const { port } = await startTestServer();
    await upgradeRaw(port, { Origin: 'https://anywhere.example' });
  });

  it("with 'same-origin' compares with Host and the scheme of the connection", async () => {
    const { port } = await startTestServer({ origins: 'same-origin' });
    await upgradeRaw(port);
    await upgradeRaw(port, { Origin: 'http://a.example:81', Host: 'a.example:81' });
    for (const origin of ['https://a.example:81', 'http://a.example', 'http://b.a.example:81', 'null', '']) {
      const request = upgradeRequest({ Origin: origin, Host: 'a.example:81' });
      expect(await answerTo(port, request)).toMatch(FORBIDDEN);
    }
    const twice = upgradeRequest({ Origin: 'http://a', Host: 'a' }).replace(
      'Host',
      'Origin: http://b\r\nHost',
    );
    expect(await answerTo(port, twice)).toMatch(FORBIDDEN);
  });

  it('knows TLS', async () => {
    const { port } = await startTestServer({ origins: 'same-origin', tls: makeCertificate() });
    const url = `wss://127.0.0.1:${port}`;
    const own = `https://127.0.0.1:${port}`;
    await openClient(url, { origin: own, rejectUnauthorized: false });
    const plain = { origin: own.replace('https', 'http'), rejectUnauthorized: false };
    await expect(openClient(url, plain)).rejects.toThrow('Unexpected server response: 403');
  });

  it('takes those of a list', async () => {
    const { port } = await startTestServer({ origins: ['https://a.example'] });
    await upgradeRaw(port, { Origin: 'https://a.example' });
    expect(await answerTo(port, upgradeRequest({ Origin: 'https://b.example' }))).toMatch(FORBIDDEN);
  });

  it('tells wsClientError of others, before verifyClient is asked', async () => {
    const verifyClient = vi.fn(() => true);
    const { wss, port } = await startTestServer({ origins: [], verifyClient });
    wss.on('wsClientError', (error, socket, request) => {
      socket.end(`HTTP/1.1 418 Teapot\r\n\r\n${error.message} ${request.headers.origin}`);
    });
    const answer = await answerTo(port, upgradeRequest({ Origin: 'https://a.example' }));
    expect(answer).toBe('HTTP/1.1 418 Teapot\r\n\r\nOrigin not allowed https://a.example');
    expect(verifyClient).not.toHaveBeenCalled();
  });

  it('has to be a word or a list of origins', () => {
    for (const origins of ['*', 'https://a.example', ['a.example'], ['https://a.example/']] as never[]) {
      expect(() => new WebSocketServer({ noServer: true, origins })).toThrow(TypeError);
    }
  });
});

/** What `handleUpgrade` needs of a request. */
function request(): never {
  const [, ...lines] = upgradeRequest().trimEnd().split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => line.split(': ')).map(([name, value]) => [name!.toLowerCase(), value]),
  );
  return { method: 'GET', httpVersion: '1.1', url: '/', headers, socket: {} } as never;
}
