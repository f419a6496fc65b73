import { describe, expect, it } from 'vitest';
import { called, ENGINES, next, openPair, serve } from './connection-pair.ts';

const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };

describe.each(ENGINES)('$name', (engine) => {
  const { WebSocket } = engine;

  describe.each(Object.entries(STATES))('%s', (name, value) => {
    it.each([
      ['the class', WebSocket],
      ['the prototype', WebSocket.prototype],
    ])(`is ${value} on %s, and stays so`, (_where, owner) => {
      expect(Object.getOwnPropertyDescriptor(owner, name)).toEqual({
        value,
        enumerable: true,
        writable: false,
        configurable: false,
      });
    });
  });

  describe('the accessors', () => {
    it.each(['bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url'])(
      'has %s to get only',
      async (name) => {
        const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
        expect(descriptor).toEqual({
          get: expect.any(Function),
          set: undefined,
          enumerable: true,
          configurable: true,
        });
        const { client } = await openPair(engine);
        expect(() => Object.assign(client, { [name]: 1 })).toThrow(TypeError);
      },
    );

    it.each(['binaryType', 'onopen', 'onerror', 'onclose', 'onmessage'])('has %s to get and set', (name) => {
      expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)).toEqual({
        get: expect.any(Function),
        set: expect.any(Function),
        enumerable: true,
        configurable: true,
      });
    });
  });

  describe('binaryType', () => {
    it("is 'nodebuffer' by default, on both sides", async () => {
      const { client, server } = await openPair(engine);
      expect([client.binaryType, server.binaryType]).toEqual(['nodebuffer', 'nodebuffer']);
    });

    it.each(['nodebuffer', 'arraybuffer', 'fragments', 'blob'])('takes %s', async (type) => {
      const { client } = await openPair(engine);
      client.binaryType = type;
      expect(client.binaryType).toBe(type);
    });

    it.each(['', 'Blob', 'buffer', 'ArrayBuffer', 'constructor', null, undefined, 1, {}])(
      'ignores %j',
      async (type) => {
        const { client } = await openPair(engine);
        client.binaryType = 'arraybuffer';
        client.binaryType = type as string;
        expect(client.binaryType).toBe('arraybuffer');
      },
    );

    it('can be set while connecting', async () => {
      const { url, wss } = await serve(engine);
      wss.on('connection', (server) => server.send(Buffer.from('a')));
      const client = new WebSocket(url);
      client.binaryType = 'arraybuffer';
      const [data] = await next(client, 'message');
      expect(data).toBeInstanceOf(ArrayBuffer);
    });

    it('counts from the next message on', async () => {
      const { client, server } = await openPair(engine);
      const names: string[] = [];
      for (const type of ['arraybuffer', 'fragments', 'blob', 'nodebuffer']) {
        client.binaryType = type;
        const message = next(client, 'message');
        server.send(Buffer.from('a'));
        names.push((await message)[0]!.constructor.name);
      }
      expect(names).toEqual(['ArrayBuffer', 'Array', 'Blob', 'Buffer']);
    });

    it('counts for the next message of the same packet', async () => {
      const { client, server } = await openPair(engine);
      const names: string[] = [];
      const both = new Promise<void>((resolve) => {
        client.on('message', (data) => {
          names.push(data.constructor.name);
          client.binaryType = 'arraybuffer';
          if (names.length === 2) resolve();
        });
      });
      server._socket.cork();
      server.send(Buffer.from('a'));
      server.send(Buffer.from('b'));
      server._socket.uncork();
      await both;
      expect(names).toEqual(['Buffer', 'ArrayBuffer']);
    });
  });

  describe('extensions', () => {
    it("are '' until open, then what was negotiated, on both sides", async () => {
      const { url, wss } = await serve(engine, { perMessageDeflate: true });
      const connected = next(wss, 'connection');
      const client = new WebSocket(url);
      expect(client.extensions).toBe('');
      await next(client, 'open');
      const [server] = await connected;
      expect(client.extensions).toBe('permessage-deflate');
      expect(server).toHaveProperty('extensions', 'permessage-deflate');
    });

    it('keep their value after the close', async () => {
      const { client } = await openPair(engine, { server: { perMessageDeflate: true } });
      const closed = next(client, 'close');
      client.close();
      await closed;
      expect(client.extensions).toBe('permessage-deflate');
    });

    it.each([
      ['the server', { server: { perMessageDeflate: false } }],
      ['the client', { server: { perMessageDeflate: true }, client: { perMessageDeflate: false } }],
    ])("are '' where %s wants none", async (_who, options) => {
      const { client, server } = await openPair(engine, options);
      expect([client.extensions, server.extensions]).toEqual(['', '']);
    });
  });

  describe('protocol', () => {
    it("is '' until open, and without a subprotocol", async () => {
      const { url } = await serve(engine);
      const client = new WebSocket(url, 'chat');
      expect(client.protocol).toBe('');
      await next(client, 'open');
      const { client: other, server } = await openPair(engine);
      expect([client.protocol, other.protocol, server.protocol]).toEqual(['chat', '', '']);
    });

    it('is the chosen one, on both sides', async () => {
      const { client, server } = await openPair(engine, {
        protocols: ['a', 'b'],
        server: { handleProtocols: () => 'b' },
      });
      expect([client.protocol, server.protocol]).toEqual(['b', 'b']);
    });
  });

  describe('readyState', () => {
    it('goes from CONNECTING to OPEN', async () => {
      const { url, wss } = await serve(engine);
      const connected = new Promise<number>((resolve) => {
        wss.on('connection', (server) => resolve(server.readyState));
      });
      const client = new WebSocket(url);
      expect(client.readyState).toBe(0);
      const opened = new Promise<number>((resolve) => client.on('open', () => resolve(client.readyState)));
      expect(await Promise.all([opened, connected])).toEqual([1, 1]);
    });

    it.each(['close', 'terminate'] as const)(
      'goes to CLOSING in %s(), and is CLOSED on close',
      async (method) => {
        const { client, server } = await openPair(engine);
        const states = [client, server].map(
          (socket) => new Promise<number>((resolve) => socket.on('close', () => resolve(socket.readyState))),
        );
        client[method]();
        expect(client.readyState).toBe(2);
        expect(await Promise.all(states)).toEqual([3, 3]);
      },
    );

    it('is CLOSING when an error is told', async () => {
      const { client, server } = await openPair(engine);
      const state = new Promise<number>((resolve) => server.on('error', () => resolve(server.readyState)));
      client.on('close', () => {});
      client._socket.write(Buffer.from([0x85, 0x80, 0, 0, 0, 0]));
      expect(await state).toBe(2);
    });
  });

  describe('bufferedAmount', () => {
    it('is 0 at first, and when open', async () => {
      const { url } = await serve(engine);
      const client = new WebSocket(url);
      expect(client.bufferedAmount).toBe(0);
      const opened = new Promise<number>((resolve) =>
        client.on('open', () => resolve(client.bufferedAmount)),
      );
      expect(await opened).toBe(0);
    });

    it('counts payloads that wait for their compression', async () => {
      // Hawser's fast path compresses at once: connection-deflate.test.ts has the difference.
      const deflate = { perMessageDeflate: { threshold: 0 }, fastPath: false };
      const { client } = await openPair(engine, { server: deflate, client: deflate });
      const amounts: number[] = [];
      const done = new Promise<void>((resolve) => {
        client.send('foo', () => {
          amounts.push(client.bufferedAmount);
        });
        amounts.push(client.bufferedAmount);
        client.send('bar', () => {
          amounts.push(client.bufferedAmount);
          resolve();
        });
        amounts.push(client.bufferedAmount);
      });
      await done;
      expect(amounts[0]).toBe(3);
      expect(amounts[1]).toBe(6);
      expect(amounts.at(-1)).toBe(0);
    });

    it('counts Blobs that are being read', async () => {
      const { client } = await openPair(engine);
      const amounts: number[] = [];
      const sent = called((callback) => client.send(new Blob(['abcde']), callback));
      amounts.push(client.bufferedAmount);
      const sentToo = called((callback) => client.send('foo', callback));
      amounts.push(client.bufferedAmount);
      await Promise.all([sent, sentToo]);
      amounts.push(client.bufferedAmount);
      expect(amounts).toEqual([5, 8, 0]);
    });

    it('counts a close frame behind a Blob', async () => {
      const { client } = await openPair(engine);
      client.send(new Blob(['abcde']));
      client.close(1000, 'bye');
      expect(client.bufferedAmount).toBe(10);
      await next(client, 'close');
      expect(client.bufferedAmount).toBe(0);
    });

    it.each(['client', 'server'] as const)(
      'is what the socket has not written, frames and all: %s',
      async (end) => {
        const pair = await openPair(engine);
        const socket = pair[end];
        // Written in one piece, so that nothing leaves before it is measured.
        socket._socket.cork();
        socket.send('hello');
        const small = socket.bufferedAmount;
        socket.send(Buffer.alloc(200));
        const header = end === 'client' ? 6 : 2;
        expect(small).toBe(header + 5);
        expect(socket.bufferedAmount).toBe(header + 5 + header + 2 + 200);
        expect(socket.bufferedAmount).toBe(socket._socket.writableLength);
        socket._socket.uncork();
      },
    );

    it('equals the length of a socket that is behind', async () => {
      const { client, server } = await openPair(engine);
      server.pause();
      let amount = 0;
      while (amount === 0) {
        client.send(Buffer.alloc(4 << 20));
        await new Promise(setImmediate);
        amount = client.bufferedAmount;
      }
      expect(amount).toBe(client._socket.writableLength);
    });
  });

  it('a server has no url', async () => {
    const { client, server } = await openPair(engine);
    expect(client.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/$/);
    expect(server.url).toBeUndefined();
  });
});
