import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from '../../src/index.ts';

async function connect(serverOptions: ServerOptions = {}, options: ClientOptions = {}) {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...serverOptions });
  await once(wss, 'listening');
  const url = `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`;
  const client = new WebSocket(url, options);
  const [[server]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]);
  onTestFinished(() => {
    client.on('error', () => {}).terminate();
    for (const ws of wss.clients) ws.terminate();
    wss.close();
  });
  return { client, server: server as WebSocket, url };
}

describe('WebSocket', () => {
  it('has its states on the class and on its objects', () => {
    for (const [value, name] of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].entries()) {
      for (const target of [WebSocket, WebSocket.prototype]) {
        const expected = { value, enumerable: true, writable: false, configurable: false };
        expect(Object.getOwnPropertyDescriptor(target, name)).toEqual(expected);
      }
    }
    expect(WebSocket.length).toBe(3);
  });

  it.each([
    ['foo', undefined, {}, SyntaxError, 'Invalid URL: foo'],
    ['ws://a', 'a,b', {}, SyntaxError, 'An invalid or duplicated subprotocol was specified'],
    ['ws://a', ['a', 'a'], {}, SyntaxError, 'An invalid or duplicated subprotocol was specified'],
    [
      'ws://a',
      [],
      { protocolVersion: 1000 },
      RangeError,
      'Unsupported protocol version: 1000 (supported versions: 8, 13)',
    ],
    ['ws://a', [], { headers: { a: 'b\r\nc: d' } }, TypeError, 'Invalid character in header content ["a"]'],
  ])('throws for bad arguments: %s, %s, %o', (address, protocols, options, errorClass, message) => {
    const construct = (): WebSocket => new WebSocket(address, protocols, options);
    expect(construct).toThrow(errorClass);
    expect(construct).toThrow(message);
  });

  it('is CONNECTING first, and then what the handshake agreed on', async () => {
    const { client, server, url } = await connect({ perMessageDeflate: true });
    expect([client.url, client.readyState, client.extensions]).toEqual([url, 1, 'permessage-deflate']);
    expect([server.url, server.extensions, server.protocol]).toEqual([undefined, 'permessage-deflate', '']);
    expect([client.binaryType, client.bufferedAmount, client.isPaused]).toEqual(['nodebuffer', 0, false]);
    const early = new WebSocket(url);
    expect(early.readyState).toBe(0);
    for (const send of [() => early.send('x'), () => early.ping(), () => early.pong()]) {
      expect(send).toThrow('WebSocket is not open: readyState 0 (CONNECTING)');
    }
    await once(early, 'open');
  });

  it('sends what it is given, in order, Blobs too', async () => {
    const { client, server } = await connect();
    const got: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      server.on('message', (data, isBinary) => {
        got.push([String(data), isBinary]);
        if (got.length === 8) resolve();
      });
    });
    client.send('text');
    client.send(12);
    client.send(Buffer.from('bytes'));
    client.send(new Blob(['blob']));
    client.send('binary', { binary: true });
    client.send('in ', { fin: false });
    client.send('fragments', { fin: true });
    client.send();
    await new Promise<void>((resolve) =>
      client.send('last', (error) => resolve(expect(error).toBeUndefined())),
    );
    await all;
    expect(got).toEqual([
      ['text', false],
      ['12', false],
      ['bytes', true],
      ['blob', true],
      ['binary', true],
      ['in fragments', false],
      ['', true],
      ['last', false],
    ]);
  });

  it('tells pings and pongs, and refuses long ones', async () => {
    const { client, server } = await connect({}, { autoPong: false });
    const ping = once(client, 'ping');
    server.ping('ping');
    expect(String((await ping)[0])).toBe('ping');
    const pong = once(server, 'pong');
    client.pong(Buffer.from('pong'), () => {});
    expect(String((await pong)[0])).toBe('pong');
    expect(() => client.ping(Buffer.alloc(126))).toThrow(
      new RangeError('The data size must not be greater than 125 bytes'),
    );
    client.ping(() => {});
    await once(server, 'ping');
  });

  it('closes with a code and a reason, seen by both', async () => {
    const { client, server } = await connect();
    const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    expect(() => client.close(1006)).toThrow(TypeError);
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.close(4000, 'because');
    client.close();
    expect(client.readyState).toBe(WebSocket.CLOSING);
    for (const [code, reason] of await closed) expect([code, String(reason)]).toEqual([4000, 'because']);
    expect(client.readyState).toBe(WebSocket.CLOSED);
    client.close();
    client.terminate();
    const error = await new Promise<Error | undefined>((resolve) => client.send('late', resolve));
    expect(error?.message).toBe('WebSocket is not open: readyState 3 (CLOSED)');
    expect(client.bufferedAmount).toBe(4);
  });

  it('delivers what was sent before close(), compressed and from Blobs', async () => {
    const { client, server } = await connect({ perMessageDeflate: { threshold: 0 } });
    const got: string[] = [];
    server.on('message', (data) => got.push(String(data)));
    const closed = once(server, 'close');
    client.send('one '.repeat(1000));
    client.send(new Blob(['two']));
    client.close(1000);
    expect((await closed)[0]).toBe(1000);
    expect(got.map((text) => text.slice(0, 3))).toEqual(['one', 'two']);
  });

  it('ends without a closing handshake on terminate()', async () => {
    const { client, server } = await connect();
    const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    client.terminate();
    expect((await closed).map(([code]) => code)).toEqual([1006, 1006]);
  });

  it.each(['close', 'terminate'] as const)('gives up connecting on %s()', async (method) => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0);
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.close();
    });
    const ws = new WebSocket(`ws://localhost:${(silent.address() as AddressInfo).port}`);
    const log: unknown[] = [];
    ws.on('error', (error) => log.push([error.message, ws.readyState]));
    const closed = new Promise<void>((resolve) => {
      ws.on('close', (code) => {
        log.push([code, ws.readyState]);
        resolve();
      });
    });
    ws[method]();
    await closed;
    expect(log).toEqual([
      ['WebSocket was closed before the connection was established', 2],
      [1006, 3],
    ]);
  });

  it('hands binary messages over as binaryType says', async () => {
    const { client, server } = await connect();
    client.binaryType = 'other' as 'blob';
    expect(client.binaryType).toBe('nodebuffer');
    client.binaryType = 'arraybuffer';
    const message = once(client, 'message');
    server.send(Buffer.from([1, 2]));
    expect((await message)[0]).toEqual(new Uint8Array([1, 2]).buffer);
  });

  it('has handlers and listeners as in browsers', async () => {
    const { client, server } = await connect();
    const data = new Promise<unknown>((resolve) => {
      client.onmessage = (event) => resolve(event.data);
    });
    const close = new Promise<unknown>((resolve) => {
      client.addEventListener('close', ({ code, wasClean }) => resolve([code, wasClean]), { once: true });
    });
    const unwanted = (): void => expect.unreachable();
    client.addEventListener('message', unwanted);
    client.removeEventListener('message', unwanted);
    [client.onopen, client.onclose, client.onerror] = [unwanted, null, null];
    expect([client.onopen, client.onclose, client.onerror]).toEqual([unwanted, null, null]);
    expect(client.onmessage).toBeInstanceOf(Function);
    server.send('text');
    expect(await data).toBe('text');
    server.close(1001);
    expect(await close).toEqual([1001, true]);
  });

  it('pauses and resumes', async () => {
    const { client, server } = await connect();
    client.pause();
    expect(client.isPaused).toBe(true);
    const message = once(client, 'message');
    server.send('held');
    client.resume();
    expect(client.isPaused).toBe(false);
    expect(String((await message)[0])).toBe('held');
  });

  it('fails a peer that breaks the protocol, with or without listeners for it', async () => {
    const { client, server } = await connect();
    const codes = Promise.all(
      [client, server].map((ws) => new Promise((resolve) => ws.on('close', (code) => resolve(code)))),
    );
    client.send('unmasked', { mask: false });
    expect(await codes).toEqual([1002, 1006]);
    const second = await connect();
    const error = once(second.server, 'error');
    second.client.send('unmasked', { mask: false });
    expect((await error)[0]).toMatchObject({ code: 'WS_ERR_EXPECTED_MASK' });
  });
});
