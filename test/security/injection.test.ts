import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RequestHeadParser, ResponseHeadParser } from '../../src/handshake/http-head.ts';
import { type ClientOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { connectRaw, serveRaw, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';
import { serveScript } from '../compat/client-peers.ts';
import { ended } from './attack.ts';

const MAX_HEAD_BYTES = 16 * 1024;

describe('heads without end', () => {
  it.each([
    ['header', 'X: '],
    ['header name', ''],
    ['status text', undefined],
  ])('row 15: a client takes 16 KiB of a response and no more: an endless %s', async (_what, header) => {
    const start = header === undefined ? 'HTTP/1.1 101 x' : `HTTP/1.1 101 x\r\n${header}`;
    const server = await serveRaw(({ socket }) => socket.write(start.padEnd(MAX_HEAD_BYTES + 1, 'x')));
    onTestFinished(() => server.close());
    expect(await ended(new WebSocket(server.url))).toEqual(['HPE_HEADER_OVERFLOW', 1006]);
  });

  it('row 15: the limit is of node:http where that reads the response', async () => {
    const server = await serveRaw((peer) => peer.socket.write(`HTTP/1.1 101 x\r\nX: ${'x'.repeat(100_000)}`));
    onTestFinished(() => server.close());
    expect(await ended(new WebSocket(server.url, { agent: false }))).toEqual(['HPE_HEADER_OVERFLOW', 1006]);
  });

  it.each(['GET /', 'GET / HTTP/1.1\r\nX: ', 'GET / HTTP/1.1\r\n'])(
    'row 15: a server answers 431 to %j and so on',
    async (start) => {
      const { port } = await startTestServer();
      const peer = await connectRaw(port);
      peer.socket.write(start + 'x'.repeat(MAX_HEAD_BYTES));
      expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 431 /);
      peer.socket.destroy();
    },
  );

  it.each([
    ['request', () => new RequestHeadParser(), 'GET / HTTP/1.1\r\n'],
    ['response', () => new ResponseHeadParser(), 'HTTP/1.1 101 x\r\n'],
  ] as const)(
    'row 15: each byte of a %s that drips in is looked at a few times only',
    (_what, create, startLine) => {
      const lines = `${`a: ${'v'.repeat(100)}\r\n`.repeat(10)}b: ${'w'.repeat(1000)}\r\n\r\n`;
      const bytes = Buffer.from(startLine + lines);
      const looks = vi.spyOn(String.prototype, 'slice');
      onTestFinished(() => looks.mockRestore());
      const parser = create();
      for (const byte of bytes) parser.receive(Uint8Array.of(byte));
      expect(parser.head?.headers.b).toBe('w'.repeat(1000));
      const taken = looks.mock.results.reduce((sum, { value }) => sum + value.length, 0);
      looks.mockRestore();
      expect(taken).toBeLessThan(4 * bytes.length);
    },
  );
});

const BREAKS = ['\r\nX-Injected: 1', '\nX-Injected: 1', '\rX-Injected: 1', '\0'];

/** Places in which a client's text goes into its request; each may be refused, and none may end its line. */
const PLACES: [name: string, make: (text: string) => [url: string, protocols: unknown, options: object]][] = [
  ['a header', (text) => ['/', undefined, { headers: { 'X-Header': `a${text}` } }]],
  ['a header in a list', (text) => ['/', undefined, { headers: { 'X-Header': ['a', `a${text}`] } }]],
  ['the name of a header', (text) => ['/', undefined, { headers: { [`X${text}`]: 'a' } }]],
  ['a cookie', (text) => ['/', undefined, { headers: { Cookie: [`a=b${text}`, 'c=d'] } }]],
  ['Host', (text) => ['/', undefined, { headers: { Host: `a${text}` } }]],
  ['Authorization', (text) => ['/', undefined, { headers: { Authorization: `a${text}` } }]],
  ['auth', (text) => ['/', undefined, { auth: `a:${text}` }]],
  ['the origin', (text) => ['/', undefined, { origin: `http://a${text}` }]],
  ['the origin of version 8', (text) => ['/', undefined, { origin: `http://a${text}`, protocolVersion: 8 }]],
  ['a subprotocol', (text) => ['/', `a${text}`, {}]],
  ['a subprotocol among others', (text) => ['/', ['b', `a${text}`], {}]],
  ['a subprotocol of the options', (text) => ['/', undefined, { protocols: [`a${text}`] }]],
  ['the path', (text) => [`/a${text}`, undefined, {}]],
  ['the query', (text) => [`/?a=${text}`, undefined, {}]],
  ['an escaped path', (text) => [`/${encodeURIComponent(text)}`, undefined, {}]],
];

describe('line breaks in what a program says', () => {
  it.each(PLACES)('row 16: %s of a client', async (_name, make) => {
    const server = await serveScript();
    for (const over of [{}, { agent: false }]) {
      for (const text of BREAKS) {
        const [target, protocols, options] = make(text);
        let ws: WebSocket;
        try {
          const all = { ...over, ...options } as ClientOptions;
          ws = new WebSocket(server.url.slice(0, -1) + target, protocols as string, all);
        } catch (error) {
          expect([TypeError, SyntaxError]).toContain((error as Error).constructor);
          continue;
        }
        const end = ended(ws);
        ws.on('open', () => ws.terminate());
        await end;
      }
    }
    for (const head of server.heads) expect(head).not.toMatch(/[\r\n]X-Injected|\0|[^\r]\n|\r[^\n]/i);
  });

  it('row 16: userinfo of a URL, and the Location of a redirect, are encoded', async () => {
    const server = await serveScript();
    const ws = new WebSocket(`ws://u%0d%0aX-Injected%3a1:p%00@${server.authority}/`);
    await once(ws, 'open');
    ws.terminate();
    expect(server.heads).toHaveLength(1);
    expect(server.heads[0]).toMatch(/^Authorization: Basic [A-Za-z0-9+/=]+\r$/m);
    expect(server.heads[0]).not.toMatch(/^X-Injected/m);
    await redirected();
  });

  /** Has redirects say the same. */
  async function redirected(): Promise<void> {
    const locations = ['/%0d%0aX-Injected:%201', '/a\tb', '//a%0d%0ab/', 'ws://a\x01b/', '/\x80\xff'];
    for (const location of locations) {
      let first = true;
      const server = await serveScript((head) => {
        const response = first
          ? `HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`
          : upgradeResponse(head);
        first = false;
        return response;
      });
      const ws = new WebSocket(server.url, { followRedirects: true, maxRedirects: 1 });
      const end = ended(ws);
      ws.on('open', () => ws.terminate());
      await end;
      for (const head of server.heads) expect(head).not.toMatch(/^X-Injected|\0/im);
    }
  }

  type Hooks = (text: string) => { options: object; onHeaders?: (lines: string[]) => void };
  const hooks: [name: string, make: Hooks][] = [
    ['handleProtocols', (text) => ({ options: { handleProtocols: () => `a${text}` } })],
    ['the event headers', (text) => ({ options: {}, onHeaders: (lines) => lines.push(`X: a${text}`) })],
    [
      'headers of verifyClient',
      (text) => ({
        options: {
          verifyClient: (_info: object, decide: (...args: unknown[]) => void) =>
            decide(false, 401, 'No', { 'X-Why': `a${text}` }),
        },
      }),
    ],
    [
      'names of headers of verifyClient',
      (text) => ({
        options: {
          verifyClient: (_info: object, decide: (...args: unknown[]) => void) =>
            decide(false, 401, 'No', { [`X${text}`]: 'a' }),
        },
      }),
    ],
  ];

  it.each(hooks)('row 16: %s of a server', async (_name, make) => {
    for (const text of BREAKS) {
      const { options, onHeaders } = make(text);
      const http = createServer();
      const wss = new WebSocketServer({ ...options, noServer: true });
      if (onHeaders) wss.on('headers', onHeaders);
      const thrown = new Promise<unknown>((resolve) => {
        http.on('upgrade', (request: IncomingMessage, socket, head) => {
          try {
            wss.handleUpgrade(request, socket, head, () => resolve('upgraded'));
          } catch (error) {
            resolve(error);
          }
        });
      });
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      const peer = await connectRaw((http.address() as AddressInfo).port);
      peer.socket.write(upgradeRequest({ 'Sec-WebSocket-Protocol': 'a' }));
      await peer.closed;
      // The application is at fault, and is told; its client is not left waiting.
      expect(await thrown).toBeInstanceOf(TypeError);
      expect(peer.received.toString('latin1')).not.toMatch(/X-Injected/);
      http.close();
    }
  });
});
