import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fastPathAllowed } from '../../src/node/fast-path/allowed.ts';
import { closeCodes, parseFrames } from '../behaviour/raw-frames.ts';
import type { RawPeer } from '../behaviour/raw-peer.ts';
import {
  type CompatSocket,
  called,
  closing,
  ENGINES,
  type Engine,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
  type Role,
  serve,
} from './connection-pair.ts';
import { difference } from './differences.ts';

const THRESHOLD_0 = { perMessageDeflate: { threshold: 0 } };
const BOTH = { server: THRESHOLD_0, client: THRESHOLD_0 };
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

/** The payload of a compressed message (RFC 7692 §7.2.1). */
function deflated(data: string | Buffer, options: object = {}): Buffer {
  return deflateRawSync(data, { ...SYNC, ...options }).subarray(0, -4);
}

function inflated(payload: Buffer): string {
  return inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), SYNC).toString();
}

/** A connection to a raw peer that has agreed to permessage-deflate with these parameters. */
function openDeflated(
  engine: Engine,
  role: Role,
  options: { deflate?: object; parameters?: string; settings?: object } = {},
) {
  const { deflate = {}, parameters = '', settings = {} } = options;
  return openRawPair(engine, role, {
    settings: { ...settings, perMessageDeflate: deflate },
    headers: { 'Sec-WebSocket-Extensions': `permessage-deflate${parameters}` },
  });
}

/** The first bytes and the payload lengths of the frames that a peer got. */
async function framesOf(peer: RawPeer, count: number) {
  await peer.until((received) => parseFrames(received).length >= count);
  let at = 0;
  return parseFrames(peer.received).map(({ payload, masked }) => {
    const first = peer.received[at]!;
    at += 2 + (payload.length > 125 ? 2 : 0) + (masked ? 4 : 0) + payload.length;
    return { first, payload };
  });
}

describe.each(ENGINES)('$name', (engine) => {
  const isWs = engine.name === 'ws';

  it(difference('compression-at-once'), async () => {
    const atOnce = !isWs && fastPathAllowed(undefined);
    const { client, server } = await openPair(engine, BOTH);
    const events = eventsUntilClose(server, ['message']);
    const error = called((callback) => client.send('x'.repeat(1000), callback));
    expect(client.bufferedAmount < 1000).toBe(atOnce);
    client.terminate();
    expect((await error) === undefined).toBe(atOnce);
    expect((await events).length).toBe(atOnce ? 2 : 1);
  });

  it(difference('deflate-memory'), async () => {
    const { socket, peer } = await openDeflated(engine, 'server', { deflate: { threshold: 0 } });
    // What zlib has to remember to find the second half in the first.
    const half = randomBytes(10_000);
    socket.send(Buffer.concat([half, half]));
    const [sent] = await framesOf(peer, 1);
    expect(sent!.payload.length < 1.5 * half.length).toBe(isWs);
  });

  describe('data', () => {
    it.each([
      ['a string', 'hello', 'hello', false],
      ['a long string', 'grüße '.repeat(10_000), 'grüße '.repeat(10_000), false],
      ['a number', 42, '42', false],
      ['a Buffer', Buffer.from('hello'), 'hello', true],
      ['a typed array', Uint8Array.from(Buffer.from('hello')), 'hello', true],
      ['a part of a typed array', new Uint16Array([0, 0x6968, 0]).subarray(1, 2), 'hi', true],
      ['an ArrayBuffer', Uint8Array.from(Buffer.from('hello')).buffer, 'hello', true],
      ['a DataView', new DataView(Uint8Array.from(Buffer.from('hello')).buffer, 1, 3), 'ell', true],
      ['a Blob', new Blob(['hello']), 'hello', true],
      ['nothing', undefined, '', true],
    ])('of %s pass, both ways', async (_what, data, text, isBinary) => {
      const { client, server } = await openPair(engine, BOTH);
      const there = next(server, 'message');
      client.send(data, { compress: true });
      expect(await there).toEqual([Buffer.from(text), isBinary]);
      const back = next(client, 'message');
      server.send(data);
      expect(await back).toEqual([Buffer.from(text), isBinary]);
    });

    it('in fragments pass', async () => {
      const { client, server } = await openPair(engine, BOTH);
      const message = next(server, 'message');
      client.send('he', { fin: false });
      client.ping('between');
      client.send('', { fin: false });
      client.send(Buffer.from('llo'), { fin: true });
      expect(await message).toEqual([Buffer.from('hello'), false]);
    });

    it('compressed and not pass in order', async () => {
      const { client, server } = await openPair(engine, BOTH);
      const seen: string[] = [];
      const all = new Promise<void>((resolve) => {
        server.on('message', (data) => {
          seen.push(String(data));
          if (seen.length === 30) resolve();
        });
      });
      for (let i = 0; i < 30; i++) client.send(`${i}`, { compress: i % 3 === 0 });
      await all;
      expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => `${i}`));
    });
  });

  describe.each(ROLES)('on the wire, as %s,', (role) => {
    it('a message is compressed, and says so', async () => {
      const { socket, peer } = await openDeflated(engine, role);
      socket.send('hello');
      const [frame] = await framesOf(peer, 1);
      expect(frame!.first).toBe(0xc1);
      expect(inflated(frame!.payload)).toBe('hello');
    });

    it('a message with compress: false is not', async () => {
      const { socket, peer } = await openDeflated(engine, role);
      socket.send('hello', { compress: false });
      socket.send(Buffer.from('x'.repeat(2000)), { compress: false });
      expect((await framesOf(peer, 2)).map(({ first, payload }) => [first, payload.length])).toEqual([
        [0x81, 5],
        [0x82, 2000],
      ]);
    });

    it('the first fragment alone says so, and control frames never', async () => {
      const { socket, peer } = await openDeflated(engine, role);
      socket.send('a', { fin: false });
      socket.ping('p');
      socket.send('b', { fin: false, compress: false });
      socket.send('c');
      const frames = await framesOf(peer, 4);
      expect(frames.map(({ first }) => first)).toEqual([0x41, 0x89, 0x00, 0x80]);
      const data = frames.filter(({ first }) => first !== 0x89).map(({ payload }) => payload);
      expect(inflated(Buffer.concat(data))).toBe('abc');
    });

    it('fragments of a message begun with compress: false are not compressed', async () => {
      const { socket, peer } = await openDeflated(engine, role);
      socket.send('a', { fin: false, compress: false });
      socket.send('b', { compress: true });
      const frames = await framesOf(peer, 2);
      expect(frames.map(({ first, payload }) => [first, String(payload)])).toEqual([
        [0x01, 'a'],
        [0x80, 'b'],
      ]);
    });

    const own = role === 'server' ? 'server' : 'client';

    it('the second copy of a message is shorter with context takeover', async () => {
      const { socket, peer } = await openDeflated(engine, role);
      const text = 'Once upon a time there was a connection.';
      socket.send(text);
      socket.send(text);
      const [first, second] = await framesOf(peer, 2);
      expect(second!.payload.length).toBeLessThan(first!.payload.length);
    });

    it('it is not without', async () => {
      const { socket, peer } = await openDeflated(engine, role, {
        deflate: { threshold: 0, [`${own}NoContextTakeover`]: true },
        parameters: `; ${own}_no_context_takeover`,
      });
      const text = 'Once upon a time there was a connection.';
      socket.send(text);
      socket.send(text);
      const [first, second] = await framesOf(peer, 2);
      expect(second!.payload).toEqual(first!.payload);
      expect(inflated(second!.payload)).toBe(text);
    });

    it.each([
      ['1024 by default', undefined, 1024],
      ['what is set', 3, 3],
    ])('the threshold is %s', async (_what, threshold, limit) => {
      const { socket, peer } = await openDeflated(engine, role, {
        deflate: { ...(threshold && { threshold }), [`${own}NoContextTakeover`]: true },
        parameters: `; ${own}_no_context_takeover`,
      });
      socket.send('x'.repeat(limit - 1));
      socket.send('x'.repeat(limit));
      // In fragments the first decides.
      socket.send('x'.repeat(limit - 1), { fin: false });
      socket.send('x'.repeat(limit));
      socket.send('x'.repeat(limit), { fin: false });
      socket.send('x');
      const frames = await framesOf(peer, 6);
      expect(frames.map(({ first }) => first)).toEqual([0x81, 0xc1, 0x01, 0x80, 0x41, 0x80]);
    });

    it('the threshold of a Blob counts its size', async () => {
      const { socket, peer } = await openDeflated(engine, role, {
        deflate: { threshold: 3, [`${own}NoContextTakeover`]: true },
        parameters: `; ${own}_no_context_takeover`,
      });
      socket.send(new Blob(['ab']));
      socket.send(new Blob(['abc']));
      expect((await framesOf(peer, 2)).map(({ first }) => first)).toEqual([0x82, 0xc2]);
    });

    it('there is no threshold with context takeover', async () => {
      const { socket, peer } = await openDeflated(engine, role, { deflate: { threshold: 5000 } });
      socket.send('x');
      expect((await framesOf(peer, 1))[0]!.first).toBe(0xc1);
    });

    it('zlibDeflateOptions count', async () => {
      const lengths: number[] = [];
      for (const level of [0, 9]) {
        const { socket, peer } = await openDeflated(engine, role, {
          deflate: { zlibDeflateOptions: { level } },
        });
        socket.send('x'.repeat(1000));
        lengths.push((await framesOf(peer, 1))[0]!.payload.length);
      }
      expect(lengths[0]).toBeGreaterThan(1000);
      expect(lengths[1]).toBeLessThan(50);
    });

    it('zlibInflateOptions are passed on', async () => {
      const { socket, peer, frame } = await openDeflated(engine, role, {
        deflate: { zlibInflateOptions: { chunkSize: 64 } },
      });
      const message = next(socket, 'message');
      peer.socket.write(frame(0xc1, deflated('x'.repeat(1000))));
      expect(await message).toEqual([Buffer.from('x'.repeat(1000)), false]);
    });
  });

  describe.each(ROLES)('what the peer compressed, as %s,', (role) => {
    it('may be in fragments, with control frames between', async () => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const payload = deflated('hello');
      const message = next(socket, 'message');
      const ping = next(socket, 'ping');
      peer.socket.write(
        Buffer.concat([
          frame(0x41, payload.subarray(0, 2)),
          frame(0x89, 'p'),
          frame(0x00),
          frame(0x80, payload.subarray(2)),
        ]),
      );
      expect(await ping).toEqual([Buffer.from('p')]);
      expect(await message).toEqual([Buffer.from('hello'), false]);
    });

    it('may be empty', async () => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const message = next(socket, 'message');
      peer.socket.write(frame(0xc2, Buffer.from([0])));
      expect(await message).toEqual([Buffer.alloc(0), true]);
    });

    it('may have a final block; the next message is read as well', async () => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const seen: string[] = [];
      const both = new Promise<void>((resolve) => {
        socket.on('message', (data) => {
          seen.push(String(data));
          if (seen.length === 2) resolve();
        });
      });
      const final = Buffer.concat([deflateRawSync('first'), Buffer.from([0])]);
      peer.socket.write(Buffer.concat([frame(0xc1, final), frame(0xc1, deflated('second'))]));
      await both;
      expect(seen).toEqual(['first', 'second']);
    });

    it.each([1, 4])(
      `of as many bytes as may be, in %i fragments; ${difference('compressed-length')}`,
      async (count) => {
        const { socket, peer, frame } = await openDeflated(engine, role, { settings: { maxPayload: 1000 } });
        const data = randomBytes(1000);
        const payload = deflated(data);
        expect(payload.length).toBeGreaterThan(1000);
        const errors: unknown[] = [];
        socket.on('error', ({ code }) => errors.push(code));
        const told = new Promise<unknown>((resolve) => {
          socket.on('message', resolve);
          socket.on('close', () => resolve(errors));
        });
        const size = Math.ceil(payload.length / count);
        for (let i = 0; i < count; i++) {
          const first = (i === 0 ? 0x42 : 0) | (i === count - 1 ? 0x80 : 0);
          peer.socket.write(frame(first, payload.subarray(i * size, (i + 1) * size)));
        }
        if (engine.name === 'ws') peer.socket.end();
        expect(await told).toEqual(engine.name === 'ws' ? ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'] : data);
      },
    );

    it.each([
      ['is broken', 0xc1, Buffer.from([0xff, 0xff, 0xff]), 'Z_DATA_ERROR', 1007],
      ['is too long, a bit', 0xc2, deflated('x'.repeat(101)), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
      ['is too long', 0xc2, deflated(Buffer.alloc(1 << 20)), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
      ['is not UTF-8', 0xc1, deflated(Buffer.from([0x61, 0xff])), 'WS_ERR_INVALID_UTF8', 1007],
    ])('is a fault when it %s', async (_what, first, payload, code, closeCode) => {
      const { socket, peer, frame } = await openDeflated(engine, role, { settings: { maxPayload: 100 } });
      const errors: unknown[] = [];
      socket.on('message', () => expect.unreachable());
      socket.on('error', (error) => errors.push(error));
      const closed = closing(socket);
      peer.socket.write(frame(first, payload));
      await peer.until((received) => closeCodes(received).length > 0);
      expect(closeCodes(peer.received)).toEqual([closeCode]);
      peer.socket.end();
      expect(await closed).toEqual([1006, '']);
      expect(errors).toEqual([expect.objectContaining({ code })]);
    });

    it('is a fault of zlib with its number', async () => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const fault = next(socket, 'error');
      const closed = closing(socket);
      peer.socket.end(frame(0xc1, Buffer.from([0xff, 0xff, 0xff])));
      const [error] = (await fault) as [Error];
      expect(error).toMatchObject({ name: 'Error', errno: -3, message: 'invalid block type' });
      expect(await closed).toEqual([1006, '']);
    });

    it.each([
      ['a continuation', [0x41, 0xc0]],
      ['a ping', [0xc9]],
    ])('cannot be %s', async (_what, bytes) => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const fault = next(socket, 'error');
      const closed = closing(socket);
      peer.socket.end(Buffer.concat(bytes.map((first) => frame(first, deflated('a')))));
      expect(await fault).toEqual([expect.objectContaining({ code: 'WS_ERR_UNEXPECTED_RSV_1' })]);
      await closed;
    });
  });

  describe.each(ROLES)('messages that are being inflated, as %s,', (role) => {
    const burst = async (inject: (socket: CompatSocket, peer: RawPeer) => void) => {
      const { socket, peer, frame } = await openDeflated(engine, role);
      const events = eventsUntilClose(socket, ['message', 'ping', 'error']);
      inject(socket, peer);
      // One context for all of them would be shorter; a peer need not use it.
      const messages = ['a', 'b', 'c'].map((text) => frame(0xc1, deflated(text.repeat(10_000))));
      peer.socket.write(Buffer.concat([...messages, frame(0x89)]));
      return { events, socket, peer, frame };
    };

    it('are told before the close, when the peer ends', async () => {
      const { events, peer } = await burst(() => {});
      peer.socket.end();
      expect(await events).toEqual(['message', 'message', 'message', 'ping', 'close']);
    });

    it('are told before the close, when the peer closes', async () => {
      const { events, peer, frame } = await burst(() => {});
      peer.socket.end(frame(0x88));
      expect(await events).toEqual(['message', 'message', 'message', 'ping', 'close']);
    });

    it.each(['terminate', 'close'] as const)('are told when %s() is called at the first', async (method) => {
      const { events, peer } = await burst((socket) => {
        socket.once('message', () => socket[method]());
      });
      peer.socket.end();
      expect(await events).toEqual(['message', 'message', 'message', 'ping', 'close']);
    });
  });

  describe('the response of a server', () => {
    it.each([
      [true, 'permessage-deflate'],
      [{}, 'permessage-deflate'],
      [{ clientMaxWindowBits: 8 }, 'permessage-deflate; client_max_window_bits=8'],
      [{ serverMaxWindowBits: 9 }, 'permessage-deflate; server_max_window_bits=9'],
      [{ serverNoContextTakeover: true }, 'permessage-deflate; server_no_context_takeover'],
      [{ clientNoContextTakeover: true }, 'permessage-deflate; client_no_context_takeover'],
    ])('to the default offer with %j', async (perMessageDeflate, expected) => {
      const { wss, url } = await serve(engine, { perMessageDeflate });
      const headers = next(wss, 'headers');
      const client = new engine.WebSocket(url);
      await next(client, 'open');
      const [lines] = (await headers) as [string[]];
      expect(lines.filter((line) => /^sec-websocket-extensions/i.test(line))).toEqual([
        `Sec-WebSocket-Extensions: ${expected}`,
      ]);
    });

    it.each([
      { serverNoContextTakeover: true },
      { clientNoContextTakeover: true },
      { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
      { serverMaxWindowBits: 8, clientMaxWindowBits: 8 },
      { serverNoContextTakeover: true, clientNoContextTakeover: true, clientMaxWindowBits: 10 },
      { concurrencyLimit: 1 },
      { zlibDeflateOptions: { memLevel: 1, level: 1, chunkSize: 128 } },
    ])('works with %j', async (options) => {
      const perMessageDeflate = { threshold: 0, ...options };
      const { client, server } = await openPair(engine, {
        server: { perMessageDeflate },
        client: THRESHOLD_0,
      });
      server.on('message', (data, isBinary) => server.send(data, { binary: isBinary }));
      const texts = Array.from({ length: 20 }, (_, i) => `${i} ${'some text '.repeat(i * 50)}`);
      const seen: string[] = [];
      const all = new Promise<void>((resolve) => {
        client.on('message', (data) => {
          seen.push(String(data));
          if (seen.length === texts.length) resolve();
        });
      });
      for (const text of texts) client.send(text);
      await all;
      expect(seen).toEqual(texts);
    });
  });

  it('an option that is given as false turns it off', async () => {
    const { client } = await openPair(engine, {
      server: { perMessageDeflate: true },
      client: { perMessageDeflate: false },
    });
    expect(client.extensions).toBe('');
    expect((await called((callback) => client.send('a', { compress: true }, callback))) ?? null).toBeNull();
  });
});
