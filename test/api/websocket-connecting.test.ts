import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

async function answering(answer: (peer: RawPeer, head: string) => void): Promise<string> {
  const server = await serveRaw(answer);
  onTestFinished(() => server.close());
  return server.url;
}

/** What a client tells until its end, with its state at the time. */
function story(ws: WebSocket): Promise<unknown[]> {
  const log: unknown[] = [];
  ws.on('open', () => log.push('open'));
  ws.on('error', (error) => log.push([error.message, ws.readyState]));
  return new Promise((resolve) => {
    ws.on('close', (code, reason) => {
      log.push([code, reason.length, ws.readyState]);
      resolve(log);
    });
  });
}

const CLOSED_EARLY = [
  ['WebSocket was closed before the connection was established', 2],
  [1006, 0, 3],
];

describe('the constructor', () => {
  it('takes options as the second argument, and protocols in the options', async () => {
    const heads: string[] = [];
    const url = await answering((peer, head) => {
      heads.push(head);
      peer.socket.end();
    });
    for (const ws of [
      new WebSocket(url, { protocols: ['a', 'b'], perMessageDeflate: false }),
      new WebSocket(new URL(url), [], { origin: 'http://o', auth: 'u:p' }),
      new WebSocket(url, 'x', { protocols: 'y', protocolVersion: 8, origin: 'http://o' }),
    ]) {
      await story(ws);
    }
    expect(heads[0]).toContain('Sec-WebSocket-Protocol: a,b\r\n');
    expect(heads[0]).not.toContain('Sec-WebSocket-Extensions');
    expect(heads[1]).not.toContain('Sec-WebSocket-Protocol');
    expect(heads[1]).toContain('Origin: http://o\r\n');
    expect(heads[1]).toContain('Authorization: Basic dTpw\r\n');
    expect(heads[1]).toContain('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n');
    expect(heads[2]).toContain('Sec-WebSocket-Protocol: x\r\n');
    expect(heads[2]).toContain('Sec-WebSocket-Version: 8\r\n');
    expect(heads[2]).toContain('Sec-WebSocket-Origin: http://o\r\n');
  });

  it.each([null, '', 'a b', ['a', '']])('refuses the subprotocols %o', (protocols) => {
    expect(() => new WebSocket('ws://localhost', protocols as string)).toThrow(
      new SyntaxError('An invalid or duplicated subprotocol was specified'),
    );
  });

  it('has its attributes as enumerable accessors of the prototype', () => {
    const readonly = ['bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url'];
    const writable = ['binaryType', 'onopen', 'onerror', 'onclose', 'onmessage'];
    for (const name of [...readonly, ...writable]) {
      expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)).toMatchObject({
        enumerable: true,
        configurable: true,
        get: expect.any(Function),
        set: writable.includes(name) ? expect.any(Function) : undefined,
      });
    }
  });
});

describe('giving up', () => {
  it.each(['close', 'terminate'] as const)('is possible in the upgrade listener, by %s()', async (method) => {
    const server = await startTestServer();
    const ws = new WebSocket(server.url);
    ws.on('upgrade', () => ws[method]());
    expect(await story(ws)).toEqual(CLOSED_EARLY);
  });

  it('tells asynchronously, and once', async () => {
    const ws = new WebSocket(await answering(() => {}));
    const told = story(ws);
    ws.close();
    ws.terminate();
    ws.close();
    expect(ws.readyState).toBe(WebSocket.CLOSING);
    expect(await told).toEqual(CLOSED_EARLY);
  });

  it('counts what is sent after', async () => {
    const ws = new WebSocket(await answering(() => {}));
    const told = story(ws);
    ws.terminate();
    ws.send('abc');
    const error = await new Promise<Error | undefined>((resolve) => ws.send('d', resolve));
    expect(error?.message).toMatch(/^WebSocket is not open: readyState [23] /);
    expect(ws.bufferedAmount).toBe(4);
    await told;
  });
});

describe('a response other than 101', () => {
  const refuse = (peer: RawPeer) =>
    peer.socket.end('HTTP/1.1 401 Unauthorized\r\nX-Why: because\r\nContent-Length: 3\r\n\r\nno!');

  it('is an error when nobody listens for it', async () => {
    const ws = new WebSocket(await answering(refuse));
    expect(await story(ws)).toEqual([
      ['Unexpected server response: 401', 2],
      [1006, 0, 3],
    ]);
  });

  it('is handed over with its body to who listens, and nothing else happens until close()', async () => {
    const ws = new WebSocket(await answering(refuse));
    const told = story(ws);
    const [request, response] = await once(ws, 'unexpected-response');
    expect(request.getHeader('sec-websocket-version')).toBe('13');
    let body = '';
    for await (const chunk of response) body += chunk;
    expect([response.statusCode, response.headers['x-why'], body]).toEqual([401, 'because', 'no!']);
    expect(ws.readyState).toBe(WebSocket.CONNECTING);
    ws.close();
    expect(await told).toEqual(CLOSED_EARLY);
  });
});

describe('a failing handshake', () => {
  it.each<[string, string, string, ClientOptions?]>([
    ['Invalid Upgrade header', 'Upgrade', 'foo'],
    ['Invalid Sec-WebSocket-Accept header', 'Sec-WebSocket-Accept', 'AAAA'],
    ['Server sent a subprotocol but none was requested', 'Sec-WebSocket-Protocol', 'a'],
    ['Server sent an invalid subprotocol', 'Sec-WebSocket-Protocol', 'a', { protocols: 'b' }],
    ['Invalid Sec-WebSocket-Extensions header', 'Sec-WebSocket-Extensions', 'foo;='],
    ['Server indicated an extension that was not requested', 'Sec-WebSocket-Extensions', 'foo'],
    [
      'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
      'Sec-WebSocket-Extensions',
      'permessage-deflate',
      { perMessageDeflate: false },
    ],
  ])('tells: %s', async (message, name, value, options = {}) => {
    const url = await answering((peer, head) => peer.socket.write(upgradeResponse(head, { [name]: value })));
    expect(await story(new WebSocket(url, options))).toEqual([
      [message, 2],
      [1006, 0, 3],
    ]);
  });

  it('tells when it takes too long', async () => {
    const ws = new WebSocket(await answering(() => {}), { handshakeTimeout: 10 });
    expect(await story(ws)).toEqual([
      ['Opening handshake has timed out', 2],
      [1006, 0, 3],
    ]);
  });

  it('tells garbage and hanging up with the codes of node:http', async () => {
    for (const [answer, code] of [
      ['garbage', 'HPE_INVALID_CONSTANT'],
      ['', 'ECONNRESET'],
    ] as const) {
      const ws = new WebSocket(await answering((peer) => peer.socket.end(answer)));
      const told = story(ws.on('error', () => ws.close()));
      expect((await once(ws, 'error'))[0].code).toBe(code);
      await told;
    }
  });

  it('tells when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const [error] = await once(new WebSocket(`ws://127.0.0.1:${port}`), 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });
});
