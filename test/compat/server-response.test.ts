import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY } from '../handshake/wire.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { openClient, SERVED, serve, upgradeLines } from './served.ts';

const LINES = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`,
];

const OFFERS = {
  'Sec-WebSocket-Protocol': 'foo, bar',
  'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
};

describe.each(SERVED)('the answer of $name that upgrades', ({ engine, mode }) => {
  it('has these bytes', async () => {
    const { port } = await serve(engine, { perMessageDeflate: true }, mode);
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest(OFFERS));
    const head = await peer.takeHead();
    expect(head).toBe(
      [...LINES, 'Sec-WebSocket-Protocol: foo', 'Sec-WebSocket-Extensions: permessage-deflate', '\r\n'].join(
        '\r\n',
      ),
    );
    expect(peer.received.length).toBe(0);
    peer.socket.destroy();
  });
});

describe.each(SERVED)("'headers' of $name", ({ engine, mode }) => {
  it('has the lines and the request, before there is a connection', async () => {
    const { wss, port } = await serve(engine, { perMessageDeflate: true }, mode);
    const events: string[] = [];
    wss.on('connection', () => events.push('connection'));
    const told = new Promise<[string[], IncomingMessage]>((resolve) => {
      wss.on('headers', (lines, request) => {
        events.push(`headers, ${wss.clients.size} clients`);
        resolve([[...lines], request]);
      });
    });
    await upgradeLines(port, upgradeRequest(OFFERS, 'GET /chat HTTP/1.1'));
    const [lines, request] = await told;
    expect(lines).toEqual([
      ...LINES,
      'Sec-WebSocket-Protocol: foo',
      'Sec-WebSocket-Extensions: permessage-deflate',
    ]);
    expect(request).toBeInstanceOf(IncomingMessage);
    expect(request.url).toBe('/chat');
    expect(events).toEqual(['headers, 0 clients', 'connection']);
  });

  it('lets lines be added, changed and taken away', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.on('headers', (lines) => {
      lines.push('Set-Cookie: a=b', 'X-Empty: ');
      lines[1] = 'Upgrade: WebSocket';
    });
    wss.on('headers', (lines) => void lines.splice(lines.indexOf('Connection: Upgrade'), 1));
    expect(await upgradeLines(port)).toEqual([
      LINES[0],
      'Upgrade: WebSocket',
      LINES[3],
      'Set-Cookie: a=b',
      'X-Empty: ',
    ]);
  });

  it('lets lines be any text, as UTF-8', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.on('headers', (lines) => lines.push('X-Name: żółw é'));
    const last = (await upgradeLines(port)).at(-1)!;
    expect(Buffer.from(last, 'latin1').toString()).toBe('X-Name: żółw é');
  });

  it('reaches the client', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    wss.on('headers', (lines) => lines.push('X-Added: yes'));
    const client = openClient(url);
    const [, request] = await once(wss, 'connection');
    expect(request.headers['sec-websocket-key']).toHaveLength(SAMPLE_KEY.length);
    expect((await client).readyState).toBe(1);
  });

  it('does not come with a refusal', async () => {
    const { wss, port } = await serve(engine, { verifyClient: () => false }, mode);
    const told = vi.fn();
    wss.on('headers', told);
    await upgradeLines(port);
    expect(told).not.toHaveBeenCalled();
  });
});

describe.each(ENGINES)('a line that would end another, of $name', (engine) => {
  it.each(['X-A: a\r\nX-B: b', 'X-A: a\n', ''])(`${difference('response-injection')}: %j`, async (line) => {
    let written = '';
    const socket = new MemorySocket((text) => {
      written += text;
    });
    const wss = new engine.WebSocketServer({ noServer: true });
    wss.on('headers', (lines) => lines.push(line));
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
    const callback = vi.fn();
    const upgrade = () => wss.handleUpgrade(request, socket, Buffer.alloc(0), callback);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (engine.name === 'ws') {
      upgrade();
      expect(written).toBe(`${[...LINES, line].join('\r\n')}\r\n\r\n`);
      expect(callback).toHaveBeenCalledOnce();
      socket.destroy();
    } else {
      expect(upgrade).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' }));
      expect([written, callback.mock.calls]).toEqual(['', []]);
    }
    await closed;
  });
});
