import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseFrames, type RawFrame } from '../behaviour/raw-frames.ts';
import {
  type Callback,
  called,
  closing,
  ENGINES,
  next,
  openPair,
  openRawPair,
  ROLES,
  serve,
} from './connection-pair.ts';
import { difference } from './differences.ts';

const METHODS = ['send', 'ping', 'pong'] as const;

const memory = Uint8Array.from({ length: 16 }, (_, i) => i).buffer;

describe.each(ENGINES)('$name', (engine) => {
  describe.each(METHODS)('%s() while connecting', (method) => {
    it.each([
      ['nothing', []],
      ['data', ['hello']],
      ['data and a callback', ['hello', () => expect.unreachable()]],
      ['all three', ['hello', method === 'send' ? {} : true, () => expect.unreachable()]],
      ['bad data', [null]],
    ] as Array<[string, [unknown?, unknown?, Callback?]]>)('throws with %s', async (_what, args) => {
      const { url } = await serve(engine);
      const client = new engine.WebSocket(url);
      expect(() => client[method](...args)).toThrow(
        new Error('WebSocket is not open: readyState 0 (CONNECTING)'),
      );
      expect(client.bufferedAmount).toBe(0);
      await next(client, 'open');
    });
  });

  describe.each(METHODS)('%s() when it is too late', (method) => {
    it.each([
      ['hello', 5],
      ['grüße', 7],
      [-12.5, 5],
      [Buffer.from('hello'), 5],
      [new Uint16Array(3), 6],
      [new DataView(new ArrayBuffer(9), 2, 3), 3],
      [new ArrayBuffer(9), 9],
      [new Blob(['hello!']), 6],
      ['', 0],
      [undefined, 0],
      [null, 0],
      [0, 1],
    ])('counts %o as %i bytes, and calls back in CLOSING', async (data, length) => {
      const { client } = await openPair(engine);
      client.terminate();
      const before = client.bufferedAmount;
      let synchronous = true;
      const error = called((callback) => {
        client[method](data, undefined, (failure) => {
          expect(synchronous).toBe(false);
          callback(failure);
        });
      });
      synchronous = false;
      expect(client.bufferedAmount - before).toBe(length);
      expect(await error).toEqual(new Error('WebSocket is not open: readyState 2 (CLOSING)'));
    });

    it('calls back in CLOSED, and goes on counting', async () => {
      const { client } = await openPair(engine);
      client.close();
      await closing(client);
      const error = await called((callback) => client[method]('hello', callback as never));
      expect(error).toEqual(new Error('WebSocket is not open: readyState 3 (CLOSED)'));
      client[method]('hello');
      expect(client.bufferedAmount).toBe(10);
    });

    it('behind close() is too late as well', async () => {
      const { client, server } = await openPair(engine);
      server.on(method === 'send' ? 'message' : method, () => expect.unreachable());
      client.close();
      const error = await called((callback) => client[method]('hello', callback as never));
      expect(error).toEqual(new Error('WebSocket is not open: readyState 2 (CLOSING)'));
      expect(await closing(client)).toEqual([1005, '']);
    });

    it('after a handshake that was given up is too late as well', async () => {
      const { url } = await serve(engine);
      const client = new engine.WebSocket(url);
      client.on('error', () => {});
      client.close();
      const errors = [called((callback) => client[method]('hello', callback as never))];
      expect(client.bufferedAmount).toBe(5);
      await next(client, 'close');
      errors.push(called((callback) => client[method](new Blob(['hi']), callback as never)));
      expect(client.bufferedAmount).toBe(7);
      expect((await Promise.all(errors)).map((error) => error?.message)).toEqual([
        'WebSocket is not open: readyState 2 (CLOSING)',
        'WebSocket is not open: readyState 3 (CLOSED)',
      ]);
    });

    it('refuses what has no bytes, as when it is open', async () => {
      const { client } = await openPair(engine);
      client.terminate();
      expect(() => client[method]({})).toThrow(TypeError);
    });
  });

  describe.each(METHODS)('%s() calls back', (method) => {
    it.each([
      ...(method === 'send' ? [] : [['first', []] as [string, unknown[]]]),
      ['second', ['hello']],
      ['third', ['hello', undefined]],
    ])('the function that is its %s argument', async (_place, args) => {
      const { client, server } = await openPair(engine);
      const told = next(server, method === 'send' ? 'message' : method);
      const results = await new Promise<unknown[]>((resolve) => {
        const callback = (...result: unknown[]) => resolve(result);
        client[method](...([...args, callback] as [unknown, unknown, Callback]));
      });
      // A stream calls back with null as well, by its version and its way.
      expect(results.filter((value) => value !== undefined && value !== null)).toEqual([]);
      expect(String((await told)[0])).toBe(args[0] ?? '');
    });

    it('later, in the order of the calls', async () => {
      const { client } = await openPair(engine);
      const calls: number[] = [];
      const last = called((callback) => {
        for (let i = 0; i < 5; i++) client[method](`${i}`, undefined, () => calls.push(i));
        client[method]('last', undefined, callback);
      });
      expect(calls).toEqual([]);
      await last;
      expect(calls).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it(difference('callback-alone'), async () => {
    const { client } = await openPair(engine);
    if (engine.name === 'ws') expect(() => client.send(() => {})).toThrow(TypeError);
    else expect(await called((callback) => client.send(callback))).toBeUndefined();
  });

  describe('data', () => {
    it.each([
      ['a string', 'grüße', 'grüße', false],
      ['an empty string', '', '', false],
      ['a number', 42, '42', false],
      ['0', 0, '0', false],
      ['NaN', Number.NaN, 'NaN', false],
      ['1e21', 1e21, '1e+21', false],
    ])('of %s are text', async (_what, data, text, isBinary) => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send(data);
      expect(await message).toEqual([Buffer.from(text), isBinary]);
    });

    it.each([
      ['a Buffer', Buffer.from([1, 2, 3]), [1, 2, 3]],
      ['a typed array, of its view only', new Uint8Array(memory, 2, 3), [2, 3, 4]],
      ['a wider typed array, of its view only', new Uint16Array(memory, 2, 2), [2, 3, 4, 5]],
      ['a DataView, of its view only', new DataView(memory, 3, 2), [3, 4]],
      ['an ArrayBuffer', memory.slice(0, 4), [0, 1, 2, 3]],
      ['a SharedArrayBuffer', new SharedArrayBuffer(2), [0, 0]],
      ['a Blob', new Blob([Buffer.from([7, 8])]), [7, 8]],
      ['an empty Blob', new Blob([]), []],
      ['an array of numbers', [1, 2, 256], [1, 2, 0]],
      ['what has a valueOf with bytes', { valueOf: () => Buffer.from([9]) }, [9]],
      ['an array-like', { length: 2, 0: 5, 1: 6 }, [5, 6]],
      ['nothing', undefined, []],
      ['null', null, []],
      ['false', false, []],
    ])('of %s are binary', async (_what, data, bytes) => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send(data);
      expect(await message).toEqual([Buffer.from(bytes), true]);
    });

    it.each([true, {}, Symbol('a'), 10n])('of %o are refused', async (data) => {
      const { client } = await openPair(engine);
      expect(() => client.send(data, {})).toThrow(TypeError);
      expect(() => client.ping(data, true)).toThrow(TypeError);
    });

    it.each(['send', 'ping', 'pong'] as const)('without an argument make %s() empty', async (method) => {
      const { client, server } = await openPair(engine);
      const told = next(server, method === 'send' ? 'message' : method);
      client[method]();
      expect(await told).toEqual(method === 'send' ? [Buffer.alloc(0), true] : [Buffer.alloc(0)]);
    });

    it.each(['ping', 'pong'] as const)('of %s() may be of any kind', async (method) => {
      const { client, server } = await openPair(engine);
      const seen: string[] = [];
      const all = new Promise<void>((resolve) => {
        server.on(method, (payload) => {
          seen.push(payload.toString());
          if (seen.length === 5) resolve();
        });
      });
      for (const data of ['a', 1, Buffer.from('b'), new Uint8Array([99]).buffer, new Blob(['d'])]) {
        client[method](data);
      }
      await all;
      expect(seen).toEqual(['a', '1', 'b', 'c', 'd']);
    });

    it.each(ROLES)('are not changed by the %s', async (role) => {
      const { socket } = await openRawPair(engine, role);
      const data = Buffer.from('hello');
      const wide = new Uint8Array(1000).fill(7);
      await called((callback) => {
        socket.send(data);
        socket.ping(data);
        socket.send(wide.buffer);
        socket.send(wide, callback);
      });
      expect(data.toString()).toBe('hello');
      expect(new Set(wide)).toEqual(new Set([7]));
    });

    it('of 4 MiB in a Float32Array make the round trip', async () => {
      const { client, server } = await openPair(engine);
      server.on('message', (data) => server.send(data));
      const array = new Float32Array(randomBytes(4 << 20).buffer);
      const echo = next(client, 'message');
      client.send(array);
      const [data] = await echo;
      expect(digest(data as Buffer)).toBe(digest(Buffer.from(array.buffer)));
    });
  });

  describe('options', () => {
    it.each([
      ['text', 'hello', { binary: true }, true],
      ['text', 'hello', { binary: undefined }, false],
      ['bytes', Buffer.from('hello'), { binary: false }, false],
      ['a Blob', new Blob(['hello']), { binary: false }, false],
      ['bytes', Buffer.from('hello'), null, true],
      ['text', 'hello', { binary: 1 }, true],
    ])('binary decides over %s: %o', async (_what, data, options, isBinary) => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send(data, options);
      expect(await message).toEqual([Buffer.from('hello'), isBinary]);
    });

    it('fin: false begins, or goes on with, a message in fragments', async () => {
      const { socket, peer } = await openRawPair(engine, 'server');
      socket.send('a', { fin: false });
      socket.ping('p');
      socket.send(Buffer.from('b'), { fin: false });
      socket.send('c', { fin: true });
      socket.send('d');
      await peer.until(({ length }) => length >= 15);
      expect([...peer.received].map((byte) => byte.toString(16)).join(' ')).toBe(
        '1 1 61 89 1 70 0 1 62 80 1 63 81 1 64',
      );
    });

    it('fragments are one message, of the type of the first', async () => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send('he', { fin: false });
      client.send(Buffer.from('ll'), { fin: false, binary: true });
      client.send('o');
      expect(await message).toEqual([Buffer.from('hello'), false]);
    });

    it('fragments of Blobs are one message too', async () => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send(new Blob(['he']), { fin: false });
      client.send('l', { fin: false });
      client.send(new Blob(['lo']), { fin: true });
      expect(await message).toEqual([Buffer.from('hello'), true]);
    });

    it.each(ROLES)('mask is what the role asks for by default: %s', async (role) => {
      const { socket, peer } = await openRawPair(engine, role);
      socket.send('a');
      socket.ping('b');
      socket.pong('c');
      const frames = await framesOf(peer, 3);
      expect(frames.map(({ masked }) => masked)).toEqual(Array(3).fill(role === 'client'));
      expect(frames.map(({ payload }) => String(payload))).toEqual(['a', 'b', 'c']);
    });

    it.each(ROLES)('mask can be set otherwise: %s', async (role) => {
      const { socket, peer } = await openRawPair(engine, role);
      const mask = role === 'server';
      socket.send('a', { mask });
      socket.ping('b', mask);
      socket.pong('c', mask);
      const frames = await framesOf(peer, 3);
      expect(frames.map(({ masked }) => masked)).toEqual(Array(3).fill(mask));
    });

    it('mask: false of a client makes the server fail', async () => {
      const { client, server } = await openPair(engine);
      const fault = next(server, 'error');
      const ends = Promise.all([closing(client), closing(server)]);
      client.send('hello', { mask: false });
      expect(await fault).toEqual([
        expect.objectContaining({
          code: 'WS_ERR_EXPECTED_MASK',
          message: 'Invalid WebSocket frame: MASK must be set',
        }),
      ]);
      expect(await ends).toEqual([
        [1002, ''],
        [1006, ''],
      ]);
    });

    it('compress is ignored without the extension', async () => {
      const { client, server } = await openPair(engine, { client: { perMessageDeflate: false } });
      const message = next(server, 'message');
      client.send('hello', { compress: true });
      expect(await message).toEqual([Buffer.from('hello'), false]);
    });
  });

  describe.each(['ping', 'pong'] as const)('%s() of more than 125 bytes', (method) => {
    it.each([
      ['a string', 'x'.repeat(126)],
      ['a string of fewer characters', 'ü'.repeat(63)],
      ['a Buffer', Buffer.alloc(126)],
      ['a Blob', new Blob([Buffer.alloc(126)])],
    ])('is refused: %s', async (_what, data) => {
      const { client } = await openPair(engine);
      const callback = () => expect.unreachable();
      expect(() => client[method](data, true, callback)).toThrow(
        new RangeError('The data size must not be greater than 125 bytes'),
      );
      expect(client.readyState).toBe(1);
    });

    it('is sent with 125', async () => {
      const { client, server } = await openPair(engine);
      const told = next(server, method);
      client[method](Buffer.alloc(125, 1));
      expect(await told).toEqual([Buffer.alloc(125, 1)]);
    });

    it('is not refused when it is too late anyway', async () => {
      const { client } = await openPair(engine);
      client.terminate();
      const error = await called((callback) => client[method](Buffer.alloc(126), callback as never));
      expect(error?.message).toBe('WebSocket is not open: readyState 2 (CLOSING)');
    });
  });
});

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

async function framesOf(
  peer: Awaited<ReturnType<typeof openRawPair>>['peer'],
  count: number,
): Promise<RawFrame[]> {
  await peer.until((received) => parseFrames(received).length >= count);
  return parseFrames(peer.received);
}
