import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { closePayload, parseFrames } from '../behaviour/raw-frames.ts';
import {
  type CompatSocket,
  closing,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
  serve,
} from './connection-pair.ts';
import { difference } from './differences.ts';

const DEFLATE = {
  server: { perMessageDeflate: { threshold: 0 } },
  client: { perMessageDeflate: { threshold: 0 } },
};

/** What both ends tell of the end. */
function endsOf(pair: { client: CompatSocket; server: CompatSocket }) {
  return Promise.all([closing(pair.client), closing(pair.server)]);
}

describe.each(ENGINES)('$name', (engine) => {
  describe.each(['close', 'terminate'] as const)('%s() while connecting', (method) => {
    it('is an error in CLOSING, later, then close', async () => {
      const { url } = await serve(engine);
      const client = new engine.WebSocket(url);
      const calls: unknown[] = [];
      client.on('open', () => expect.unreachable());
      client.on('error', (error) => calls.push([error.message, client.readyState]));
      const closed = next(client, 'close');
      client[method]();
      calls.push(client.readyState);
      expect(await closed).toEqual([1006, Buffer.alloc(0)]);
      expect(calls).toEqual([2, ['WebSocket was closed before the connection was established', 2]]);
      expect(client.readyState).toBe(3);
    });

    it('counts once, however often it is called', async () => {
      const { url } = await serve(engine);
      const client = new engine.WebSocket(url);
      const events = eventsUntilClose(client, ['open', 'error']);
      client[method]();
      client.close();
      client.terminate();
      expect(await events).toEqual(['error', 'close']);
    });

    it('ends an attempt that the server still decides on', async () => {
      const { url } = await serve(engine, {
        verifyClient: (_info: unknown, decide: (accepted: boolean) => void) => {
          client.once('close', () => decide(true));
          client[method]();
        },
      });
      const client: CompatSocket = new engine.WebSocket(url);
      expect(await eventsUntilClose(client, ['open', 'error'])).toEqual(['error', 'close']);
    });

    it('ends the socket, so that an HTTP server can close', async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await next(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const client = new engine.WebSocket(`ws://127.0.0.1:${port}/`);
      client.on('error', () => {});
      const [, socket] = (await next(server, 'upgrade')) as [unknown, Socket];
      socket.on('error', () => {});
      socket.resume();
      client[method]();
      await next(socket, 'end');
      socket.end();
      await new Promise((resolve) => server.close(resolve));
      expect(client.readyState).toBe(3);
    });
  });

  describe.each(ROLES)('close(), as %s,', (role) => {
    it.each([
      ['nothing', [], []],
      ['a code', [1000], [0x03, 0xe8]],
      ['code and reason', [1000, 'ok'], [0x03, 0xe8, 0x6f, 0x6b]],
      ['an empty reason', [1001, ''], [0x03, 0xe9]],
      ['bytes', [4000, Buffer.from('ok')], [0x0f, 0xa0, 0x6f, 0x6b]],
      ['bytes of another class', [4000, Uint8Array.of(0x6f)], [0x0f, 0xa0, 0x6f]],
      ['a reason without a code', [undefined, 'ignored'], []],
    ])('sends a frame with %s', async (_what, args, payload) => {
      const { socket, peer } = await openRawPair(engine, role);
      socket.close(...args);
      const header = role === 'client' ? 6 : 2;
      await peer.until(({ length }) => length >= header + payload.length);
      const [first, second] = peer.received;
      expect([first, second]).toEqual([0x88, (role === 'client' ? 0x80 : 0) | payload.length]);
      const [frame] = parseFrames(peer.received);
      expect(frame!.payload).toEqual(Buffer.from(payload));
      expect(peer.received.length).toBe(header + payload.length);
    });

    it('sends one frame, however often it is called', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const closed = closing(socket);
      socket.close(1000);
      socket.close(1001, 'again');
      await peer.until(({ length }) => length > 0);
      socket.close(1002);
      peer.socket.end(frame(0x88, closePayload(1000)));
      expect(await closed).toEqual([1000, '']);
      await peer.closed;
      expect(parseFrames(peer.received)).toHaveLength(1);
    });

    it('ends the stream when the answer has come', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const closed = closing(socket);
      socket.close(1000);
      await peer.until(({ length }) => length > 0);
      peer.socket.write(frame(0x88, closePayload(4001, 'mine')));
      await peer.closed;
      expect(await closed).toEqual([4001, 'mine']);
    });

    it('still tells what came before the answer', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const events = eventsUntilClose(socket, ['message', 'ping', 'pong', 'error']);
      socket.close();
      peer.socket.write(
        Buffer.concat([frame(0x81, 'a'), frame(0x89, 'p'), frame(0x8a), frame(0x88), frame(0x81, 'b')]),
      );
      expect(await events).toEqual(['message', 'ping', 'pong', 'close']);
      await peer.closed;
      // No pong: nothing is sent behind a close frame.
      expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([8]);
    });

    it('is answered by the same code and reason', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const closed = closing(socket);
      peer.socket.write(frame(0x88, closePayload(3333, 'grüße')));
      await peer.closed;
      expect(parseFrames(peer.received).map(({ payload }) => payload)).toEqual([closePayload(3333, 'grüße')]);
      expect(await closed).toEqual([3333, 'grüße']);
    });

    it('is answered by a frame without payload when it has none', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const closed = closing(socket);
      peer.socket.write(frame(0x88));
      await peer.closed;
      expect(parseFrames(peer.received).map(({ payload }) => payload)).toEqual([Buffer.alloc(0)]);
      expect(await closed).toEqual([1005, '']);
    });
  });

  describe('both ends', () => {
    it.each([
      [[], [1005, '']],
      [[1000], [1000, '']],
      [
        [1000, 'some reason'],
        [1000, 'some reason'],
      ],
      [[1001], [1001, '']],
      [[1013], [1013, '']],
      [[1014], [1014, '']],
      [[4000], [4000, '']],
      [
        [4999, 'x'.repeat(123)],
        [4999, 'x'.repeat(123)],
      ],
      [
        [1000, 'ü'.repeat(61)],
        [1000, 'ü'.repeat(61)],
      ],
    ])('get what close(...%j) says', async (args, expected) => {
      for (const end of ROLES) {
        const pair = await openPair(engine);
        const ends = endsOf(pair);
        pair[end].close(...args);
        expect(await ends).toEqual([expected, expected]);
      }
    });

    it('get the code of the other when both close at once', async () => {
      const pair = await openPair(engine);
      const ends = endsOf(pair);
      pair.client.close(4001, 'client');
      pair.server.close(4002, 'server');
      expect(await ends).toEqual([
        [4002, 'server'],
        [4001, 'client'],
      ]);
    });

    it.each([false, true])('get everything that was sent before (compressed: %s)', async (compressed) => {
      const pair = await openPair(engine, compressed ? DEFLATE : {});
      const seen: number[] = [];
      pair.server.on('message', (data) => seen.push(data.length));
      const ends = endsOf(pair);
      for (const length of [10, 100_000, 0, 200_000]) pair.client.send(Buffer.alloc(length, 'x'));
      pair.client.close();
      expect(await ends).toEqual([
        [1005, ''],
        [1005, ''],
      ]);
      expect(seen).toEqual([10, 100_000, 0, 200_000]);
    });

    it('get 1006 when one terminates', async () => {
      for (const end of ROLES) {
        const pair = await openPair(engine);
        const ends = endsOf(pair);
        pair[end].terminate();
        expect(await ends).toEqual([
          [1006, ''],
          [1006, ''],
        ]);
      }
    });

    it('get 1006 when one closes and terminates', async () => {
      const pair = await openPair(engine);
      const ends = endsOf(pair);
      pair.server.pause();
      pair.client.close(1000);
      pair.client.terminate();
      pair.server.resume();
      expect((await ends)[0]).toEqual([1006, '']);
    });
  });

  describe('after the close', () => {
    it.each(['close', 'terminate'] as const)('%s() has no effect', async (method) => {
      const { client, server } = await openPair(engine);
      const closed = closing(client);
      server.close(1000);
      await closed;
      client.on('close', () => expect.unreachable());
      client.on('error', () => expect.unreachable());
      client[method](...((method === 'close' ? [123] : []) as []));
      expect(client.readyState).toBe(3);
    });

    it('close(bad) in CLOSING has no effect either', async () => {
      const pair = await openPair(engine);
      const ends = endsOf(pair);
      pair.client.close(1000);
      pair.client.close(123, 'x'.repeat(200));
      expect((await ends)[0]).toEqual([1000, '']);
    });

    it('terminate() in CLOSING ends the wait for the peer', async () => {
      const { socket } = await openRawPair(engine, 'client');
      const closed = closing(socket);
      socket.close(1000);
      socket.terminate();
      expect(await closed).toEqual([1006, '']);
    });
  });

  describe('bad arguments', () => {
    it.each([
      ['a code of 3 digits', [999], TypeError, 'First argument must be a valid error code number'],
      ['0', [0], TypeError, 'First argument must be a valid error code number'],
      ['null', [null], TypeError, 'First argument must be a valid error code number'],
      ['a string', ['1000'], TypeError, 'First argument must be a valid error code number'],
      ['NaN', [Number.NaN], TypeError, 'First argument must be a valid error code number'],
      ['1004', [1004], TypeError, 'First argument must be a valid error code number'],
      ['1005', [1005], TypeError, 'First argument must be a valid error code number'],
      ['1006', [1006], TypeError, 'First argument must be a valid error code number'],
      ['1015', [1015], TypeError, 'First argument must be a valid error code number'],
      ['2999', [2999], TypeError, 'First argument must be a valid error code number'],
      ['5000', [5000], TypeError, 'First argument must be a valid error code number'],
      ['124 bytes', [1000, 'x'.repeat(124)], RangeError, 'The message must not be greater than 123 bytes'],
      [
        '124 bytes of ü',
        [1000, 'ü'.repeat(62)],
        RangeError,
        'The message must not be greater than 123 bytes',
      ],
      [
        'a Buffer of 124',
        [1000, Buffer.alloc(124)],
        RangeError,
        'The message must not be greater than 123 bytes',
      ],
      [
        'wider elements',
        [1000, new Uint16Array(1)],
        TypeError,
        'Second argument must be a string or a Uint8Array',
      ],
      ['null', [1000, null], TypeError, 'null'],
      ['a list', [1000, [1]], TypeError, 'must be'],
      ['a bad code, whatever the reason', [1, 'x'.repeat(124)], TypeError, 'First argument must be a valid'],
    ] as Array<[string, unknown[], new (message: string) => Error, string]>)(
      'throw, and leave the socket open: %s',
      async (_what, args, errorClass, message) => {
        const pair = await openPair(engine);
        expect(() => pair.client.close(...args)).toThrow(errorClass);
        expect(() => pair.client.close(...args)).toThrow(message);
        expect(pair.client.readyState).toBe(1);
        const ends = endsOf(pair);
        pair.client.close(1000);
        expect(await ends).toEqual([
          [1000, ''],
          [1000, ''],
        ]);
      },
    );

    it.each([5, {}, new Error('a'), new DataView(new ArrayBuffer(2)), true])(
      'a reason without a length is none: %o',
      async (reason) => {
        const pair = await openPair(engine);
        const ends = endsOf(pair);
        pair.client.close(1000, reason);
        expect(await ends).toEqual([
          [1000, ''],
          [1000, ''],
        ]);
      },
    );

    it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])(
      '%i is none',
      async (code) => {
        const pair = await openPair(engine);
        const ends = endsOf(pair);
        pair.client.close(code);
        expect((await ends)[1]).toEqual([code, '']);
      },
    );
  });

  describe('closeTimeout', () => {
    it.each(ROLES)('destroys the socket of a peer that does not answer, as %s', async (role) => {
      const { socket, peer } = await openRawPair(engine, role, { settings: { closeTimeout: 1 } });
      const closed = closing(socket);
      socket.close(1000);
      expect(await closed).toEqual([1006, '']);
      await peer.closed;
    });

    it.each(ROLES)('destroys the socket of a peer that does not end the stream, as %s', async (role) => {
      const { socket, peer, frame } = await openRawPair(engine, role, {
        settings: { closeTimeout: 1 },
        allowHalfOpen: true,
      });
      const closed = closing(socket);
      peer.socket.write(frame(0x88, closePayload(4000)));
      expect(await closed).toEqual([4000, '']);
    });

    it.each(ROLES)(`as %s: ${difference('half-closed-peer')}`, async (role) => {
      const { socket, peer } = await openRawPair(engine, role, {
        settings: { closeTimeout: 1 },
        allowHalfOpen: true,
      });
      const closed = closing(socket);
      const frames = 16;
      peer.socket.pause();
      for (let i = 0; i < frames; i++) socket.send(Buffer.alloc(2 ** 20));
      peer.socket.end();
      if (engine.name === 'ws') {
        await next(socket._socket, 'end');
        await new Promise((resolve) => setTimeout(resolve, 20));
        // It is still there, and sends on to a peer that reads on.
        peer.socket.resume();
      }
      expect(await closed).toEqual([1006, '']);
      peer.socket.resume();
      await peer.closed;
      expect(peer.received.length >= frames * 2 ** 20).toBe(engine.name === 'ws');
    });

    it('begins with close(), not with the frame', async () => {
      const { socket } = await openRawPair(engine, 'client', { settings: { closeTimeout: 1 } });
      const closed = closing(socket);
      const blob = new Blob(['x']);
      // Never read: the close frame never gets its turn.
      blob.arrayBuffer = () => new Promise(() => {});
      socket.send(blob);
      socket.close(1000);
      expect(await closed).toEqual([1006, '']);
    });

    it.each([
      ['30 seconds by default', {}, 30_000],
      ['what is set', { closeTimeout: 1234 }, 1234],
    ])('is %s', async (_what, settings, expected) => {
      const { socket, peer, frame } = await openRawPair(engine, 'client', { settings });
      const timers = vi.spyOn(globalThis, 'setTimeout');
      try {
        socket.close(1000);
        expect(timers.mock.calls.map(([, delay]) => delay)).toEqual([expected]);
      } finally {
        timers.mockRestore();
      }
      const closed = closing(socket);
      peer.socket.end(frame(0x88, closePayload(1000)));
      await closed;
    });
  });

  it('the reason keeps no more memory than its frame had', async () => {
    const { client, server } = await openPair(engine);
    const closed = next(client, 'close');
    server.close(1000, 'bye');
    const [, reason] = (await closed) as [number, Buffer];
    expect(reason.buffer.byteLength).toBeLessThanOrEqual(2 + 3);
  });
});
