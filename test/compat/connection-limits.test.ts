import { describe, expect, it } from 'vitest';
import { closeCodes, closePayload, parseFrames } from '../behaviour/raw-frames.ts';
import {
  type CompatSocket,
  called,
  closing,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
  type Role,
} from './connection-pair.ts';
import { difference } from './differences.ts';

/** The errors and the code until 'close'. */
async function ending(socket: CompatSocket): Promise<unknown[]> {
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error.code));
  const [code] = await closing(socket);
  return [...errors, code];
}

/** The header of a frame that is never sent whole. */
function header(role: Role, length: bigint): Buffer {
  const bytes = Buffer.alloc(role === 'server' ? 14 : 10);
  bytes[0] = 0x82;
  bytes[1] = (role === 'server' ? 0x80 : 0) | 127;
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
}

describe.each(ENGINES)('$name', (engine) => {
  describe.each(ROLES)('maxPayload, as %s,', (role) => {
    it('lets a message of that length pass', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxPayload: 5 } });
      const message = next(socket, 'message');
      peer.socket.write(Buffer.concat([frame(0x02, 'ab'), frame(0x89, 'xxxxxxxx'), frame(0x80, 'cde')]));
      expect(await message).toEqual([Buffer.from('abcde'), true]);
    });

    it.each([
      ['in one frame', [[0x82, 'abcdef']]],
      [
        'in fragments',
        [
          [0x02, 'abc'],
          [0x00, ''],
          [0x80, 'def'],
        ],
      ],
    ] as Array<[string, Array<[number, string]>]>)(
      'ends the connection for one more: %s',
      async (_how, frames) => {
        const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxPayload: 5 } });
        const end = ending(socket);
        peer.socket.write(Buffer.concat(frames.map(([first, payload]) => frame(first, payload))));
        await peer.until((received) => closeCodes(received).length > 0);
        expect(closeCodes(peer.received)).toEqual([1009]);
        peer.socket.end();
        expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
      },
    );

    it('is 100 MiB by default, and does not wait for the payload', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      const end = ending(socket);
      peer.socket.end(header(role, 100n * 1024n * 1024n + 1n));
      expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
    });

    it('is 100 MiB by default, and no less', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      const end = ending(socket);
      peer.socket.end(header(role, 100n * 1024n * 1024n));
      expect(await end).toEqual([1006]);
    });

    it.each([0, -1, null, Number.NaN, 'none'])('%j is no limit', async (maxPayload) => {
      const { socket, peer } = await openRawPair(engine, role, { settings: { maxPayload } });
      const end = ending(socket);
      peer.socket.end(header(role, 2n ** 40n));
      expect(await end).toEqual([1006]);
    });

    it.each([5.9, '5'])('%j is 5', async (maxPayload) => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxPayload } });
      const seen = eventsUntilClose(socket, ['message', 'error']);
      peer.socket.end(Buffer.concat([frame(0x82, 'abcde'), frame(0x82, 'abcdef')]));
      expect(await seen).toEqual(['message', 'error', 'close']);
    });

    it('does not make lengths of more than 2^53 - 1 possible', async () => {
      const { socket, peer } = await openRawPair(engine, role, { settings: { maxPayload: 0 } });
      const fault = next(socket, 'error');
      const closed = closing(socket);
      peer.socket.write(header(role, 2n ** 53n));
      await peer.until((received) => closeCodes(received).length > 0);
      expect(closeCodes(peer.received)).toEqual([1009]);
      peer.socket.end();
      const [error] = (await fault) as [Error];
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        code: 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
        message: 'Unsupported WebSocket frame: payload length > 2^53 - 1',
      });
      expect(await closed).toEqual([1006, '']);
    });
  });

  describe.each(ROLES)('maxFragments, as %s,', (role) => {
    const fragments = (count: number) =>
      Array.from({ length: count }, (_, i) => [i === 0 ? 0x02 : i === count - 1 ? 0x80 : 0x00, 'x'] as const);

    it('lets messages of so many pass', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxFragments: 3 } });
      const seen = eventsUntilClose(socket, ['message', 'ping', 'error']);
      const frames = [...fragments(3), [0x89, ''] as const, ...fragments(3), [0x88, ''] as const];
      peer.socket.end(Buffer.concat(frames.map(([first, payload]) => frame(first, payload))));
      expect(await seen).toEqual(['message', 'ping', 'message', 'close']);
    });

    it.each(['x', ''])('ends the connection for one more, of %j', async (last) => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxFragments: 3 } });
      const fault = next(socket, 'error');
      const closed = closing(socket);
      const frames = [...fragments(4).slice(0, 3), [0x00, last] as const];
      peer.socket.write(Buffer.concat(frames.map(([first, payload]) => frame(first, payload))));
      await peer.until((received) => closeCodes(received).length > 0);
      expect(closeCodes(peer.received)).toEqual([1008]);
      peer.socket.end();
      const [error] = (await fault) as [Error];
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
        message: 'Too many message fragments',
      });
      expect(await closed).toEqual([1006, '']);
    });

    it.each([0, -1, null])('%j is no limit', async (maxFragments) => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings: { maxFragments } });
      const message = next(socket, 'message');
      peer.socket.write(Buffer.concat(fragments(20_000).map(([first, payload]) => frame(first, payload))));
      expect((await message)[0]).toHaveLength(20_000);
    });

    it(difference('fragments-told'), async () => {
      const settings = { maxFragments: 0 };
      const { socket, peer, frame } = await openRawPair(engine, role, { settings });
      socket.binaryType = 'fragments';
      const message = next(socket, 'message');
      const frames = [frame(0x02, 'x'), ...Array(19_998).fill(frame(0x00, 'x')), frame(0x80, 'x')];
      peer.socket.write(Buffer.concat(frames));
      const [told] = (await message) as [Buffer[]];
      expect(told).toHaveLength(engine.name === 'ws' ? 20_000 : 16_384);
      expect(Buffer.concat(told)).toHaveLength(20_000);
    });

    it(`by default: ${difference('fragment-limits')}`, async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const seen = eventsUntilClose(socket, ['message', 'error']);
      const frames = fragments(16_385).map(([first, payload]) => frame(first, payload));
      peer.socket.end(Buffer.concat([...frames, frame(0x88)]));
      expect(await seen).toEqual([engine.name === 'ws' ? 'error' : 'message', 'close']);
    });
  });

  describe('maxBufferedChunks', () => {
    /** What a chunk of the socket is, is not in the peer's hands: these come as if from it. */
    const chunks = (socket: CompatSocket, count: number) => {
      socket._socket.emit('data', Buffer.from([0x82, 0x80 | 100, 0, 0, 0, 0]));
      for (let i = 0; i < count; i++) socket._socket.emit('data', Buffer.from('x'));
    };

    it('lets so many chunks wait for the rest of a frame', async () => {
      const { socket } = await openRawPair(engine, 'server', { settings: { maxBufferedChunks: 3 } });
      const end = ending(socket);
      chunks(socket, 3);
      expect(socket.readyState).toBe(1);
      socket.terminate();
      expect(await end).toEqual([1006]);
    });

    it('ends the connection for one more', async () => {
      const { socket, peer } = await openRawPair(engine, 'server', { settings: { maxBufferedChunks: 3 } });
      const fault = next(socket, 'error');
      const closed = closing(socket);
      chunks(socket, 4);
      await peer.until((received) => closeCodes(received).length > 0);
      expect(closeCodes(peer.received)).toEqual([1008]);
      peer.socket.end();
      expect((await fault)[0]).toMatchObject({
        code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS',
        message: 'Too many buffered chunks',
      });
      expect(await closed).toEqual([1006, '']);
    });

    it.each([0, -1])('%j is no limit', async (maxBufferedChunks) => {
      const { socket } = await openRawPair(engine, 'server', { settings: { maxBufferedChunks } });
      const message = next(socket, 'message');
      chunks(socket, 100);
      expect((await message)[0]).toHaveLength(100);
    });
  });

  describe.each(ROLES)('maxPendingAutoPongs, as %s,', (role) => {
    /** Sends pings to a socket that can't write its answers, and resolves with how many were told. */
    async function ping(pings: number, settings: object) {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings });
      let told = 0;
      socket._socket.cork();
      const all = new Promise<string>((resolve) => {
        socket.on('ping', () => {
          told++;
          if (told === pings) resolve('told');
        });
      });
      const closed = next(socket, 'close').then(() => 'closed');
      peer.socket.write(Buffer.concat(Array.from({ length: pings }, () => frame(0x89))));
      await all;
      return { socket, closed };
    }

    it.each([
      ['60 by default', {}, 60],
      ['what is set', { maxPendingAutoPongs: 2 }, 2],
    ])('is %s', async (_what, settings, limit) => {
      const { socket } = await ping(limit, settings);
      expect(socket.readyState).toBe(1);
      const { socket: another, closed } = await ping(limit + 1, settings);
      expect(another.readyState).toBe(2);
      expect(await closed).toBe('closed');
    });

    it.each([0, null])('%j is no limit', async (maxPendingAutoPongs) => {
      const { socket } = await ping(500, { maxPendingAutoPongs });
      expect(socket.readyState).toBe(1);
    });

    it('does not count pongs that are written', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role, {
        settings: { maxPendingAutoPongs: 1 },
      });
      for (let i = 1; i <= 5; i++) {
        peer.socket.write(frame(0x89, 'a'));
        await peer.until((received) => parseFrames(received).length === i);
      }
      expect(socket.readyState).toBe(1);
    });

    it('does not count with autoPong: false', async () => {
      const { socket } = await ping(100, { autoPong: false });
      expect(socket.readyState).toBe(1);
    });
  });

  describe.each(ROLES)('skipUTF8Validation, as %s,', (role) => {
    it('lets text pass that is not UTF-8', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role, {
        settings: { skipUTF8Validation: true },
      });
      const message = next(socket, 'message');
      peer.socket.write(frame(0x81, Buffer.from([0x61, 0xff])));
      expect(await message).toEqual([Buffer.from([0x61, 0xff]), false]);
    });

    it('lets a close reason pass that is not', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role, {
        settings: { skipUTF8Validation: true },
      });
      const closed = next(socket, 'close');
      peer.socket.end(frame(0x88, closePayload(1000, Buffer.from([0xff]))));
      expect(await closed).toEqual([1000, Buffer.from([0xff])]);
    });
  });

  describe.each(ROLES)('allowSynchronousEvents, as %s,', (role) => {
    const order = async (settings: object) => {
      const { socket, peer, frame } = await openRawPair(engine, role, { settings });
      const calls: string[] = [];
      for (const name of ['message', 'ping', 'pong']) {
        socket.on(name, (data) => {
          calls.push(String(data));
          Promise.resolve().then(() => calls.push(`after ${data}`));
        });
      }
      const closed = closing(socket);
      peer.socket.end(
        Buffer.concat([
          frame(0x81, 'a'),
          frame(0x89, 'b'),
          frame(0x8a, 'c'),
          frame(0x82, 'd'),
          frame(0x88, closePayload(1000)),
        ]),
      );
      expect(await closed).toEqual([1000, '']);
      return calls;
    };

    it.each([{}, { allowSynchronousEvents: true }])(
      'lets events come in one go with %j',
      async (settings) => {
        expect(await order(settings)).toEqual([
          'a',
          'b',
          'c',
          'd',
          'after a',
          'after b',
          'after c',
          'after d',
        ]);
      },
    );

    it('lets promises settle between them when it is false', async () => {
      const calls = await order({ allowSynchronousEvents: false });
      expect(calls).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c', 'd', 'after d']);
    });
  });

  it.each(ROLES)('writes nothing without bytes, as %s', async (role) => {
    const { socket } = await openRawPair(engine, role);
    const lengths: number[] = [];
    const write = socket._socket.write;
    socket._socket.write = function (this: unknown, chunk: Buffer, ...rest: never[]) {
      lengths.push(chunk.length);
      return Reflect.apply(write, this, [chunk, ...rest]);
    } as typeof write;
    socket.send('');
    socket.ping();
    await called((callback) => socket.send(Buffer.alloc(0), {}, callback));
    socket.close();
    expect(lengths).not.toContain(0);
    expect(lengths.length).toBeGreaterThan(0);
  });

  it('a pair of both settings works', async () => {
    const limits = { maxPayload: 10, maxFragments: 2, maxBufferedChunks: 100, maxPendingAutoPongs: 1 };
    const { client, server } = await openPair(engine, { server: limits, client: limits });
    const message = next(server, 'message');
    client.send('12345', { fin: false });
    client.send('67890');
    expect(await message).toEqual([Buffer.from('1234567890'), false]);
  });
});
