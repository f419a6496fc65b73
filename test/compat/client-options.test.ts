import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { closePayload, frame, parseFrames } from '../behaviour/raw-frames.ts';
import { RawPeer, upgradeResponse } from '../behaviour/raw-peer.ts';
import { connect, decided, serveScript, trace, upgrading } from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

const NO_DEFLATE = { perMessageDeflate: false };
const PING = frame(0x89, 'abc', false);
/** The header of a frame of `length` bytes that never come. */
function endless(length: bigint): Buffer {
  const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(length, 2);
  return header;
}

/** Fragments of an unfinished message. */
const fragments = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => frame(i === 0 ? 0x01 : 0x00, 'x', false)));

describe.each(ENGINES)('the options of a client of $name', (engine) => {
  /** An open client, and the server's end of it. */
  async function opened(options: object = {}) {
    const server = await serveScript();
    const ws = connect(engine, server.url, { ...NO_DEFLATE, ...options });
    await decided(ws);
    return { ws, socket: server.sockets[0]!, peer: new RawPeer(server.sockets[0]!) };
  }

  describe('autoPong', () => {
    it.each([{}, { autoPong: true }])('%o answers pings', async (options) => {
      const { ws, socket, peer } = await opened(options);
      const pinged = new Promise((resolve) => ws.on('ping', resolve));
      socket.write(PING);
      await peer.until((received) => received.length >= 9);
      expect(parseFrames(peer.received)).toEqual([
        { opcode: 0x0a, masked: true, payload: Buffer.from('abc') },
      ]);
      expect(await pinged).toEqual(Buffer.from('abc'));
    });

    it('false does not', async () => {
      const { ws, socket, peer } = await opened({ autoPong: false });
      const pinged = new Promise((resolve) => ws.on('ping', resolve));
      socket.write(PING);
      expect(await pinged).toEqual(Buffer.from('abc'));
      ws.send('next');
      await peer.until((received) => received.length >= 10);
      expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([1]);
    });

    it('does not answer after close()', async () => {
      const { ws, socket, peer } = await opened();
      const pinged = new Promise((resolve) => ws.on('ping', resolve));
      ws.close(1000);
      await peer.until((received) => received.length >= 8);
      socket.write(Buffer.concat([PING, frame(0x88, closePayload(1000), false)]));
      expect(await pinged).toEqual(Buffer.from('abc'));
      await peer.closed;
      expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([8]);
    });
  });

  describe('generateMask', () => {
    it('fills the key of each frame', async () => {
      let count = 0;
      const keys: Buffer[] = [];
      const generateMask = (key: Buffer) => {
        keys.push(key);
        key.fill(++count);
      };
      const { ws, peer } = await opened({ generateMask });
      ws.send('foo');
      ws.ping('b');
      await peer.until((received) => received.length >= 16);
      expect(keys.every((key) => Buffer.isBuffer(key) && key.length === 4)).toBe(true);
      expect(peer.received.subarray(0, 9)).toEqual(
        Buffer.from([0x81, 0x83, 1, 1, 1, 1, 0x66 ^ 1, 0x6f ^ 1, 0x6f ^ 1]),
      );
      expect(peer.received.subarray(9)).toEqual(Buffer.from([0x89, 0x81, 2, 2, 2, 2, 0x62 ^ 2]));
    });

    it('that does nothing leaves a key of zeros', async () => {
      const { ws, peer } = await opened({ generateMask() {} });
      ws.send('foo');
      await peer.until((received) => received.length >= 9);
      expect(peer.received).toEqual(Buffer.from([0x81, 0x83, 0, 0, 0, 0, 0x66, 0x6f, 0x6f]));
    });
  });

  describe('maxPayload', () => {
    const over = (options: object, length: number) =>
      outcome(options, frame(0x82, Buffer.alloc(length), false));

    it.each([5, '5', 5.9])('%o allows 5 bytes and no more', async (maxPayload) => {
      expect(await over({ maxPayload }, 5)).toBe('message');
      expect(await over({ maxPayload }, 6)).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    });

    it.each([0, -1, null, Number.NaN, 2 ** 32, 0.5, 'foo', {}])('%o is no limit', async (maxPayload) => {
      expect(await over({ maxPayload }, 60_000)).toBe('message');
      expect(await outcome({ maxPayload }, endless(100n * 1024n * 1024n + 1n))).toBe('close');
    });

    it('is 100 MiB by default, told by the header alone', async () => {
      expect(await outcome({}, endless(100n * 1024n * 1024n))).toBe('close');
      expect(await outcome({}, endless(100n * 1024n * 1024n + 1n))).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    });

    it(difference('limit-int32'), async () => {
      const expected = engine.name === 'ws' ? 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' : 'message';
      expect(await over({ maxPayload: 2 ** 32 + 5 }, 6)).toBe(expected);
    });

    it(difference('client-undefined-options'), async () => {
      expect(await outcome({ maxPayload: undefined }, endless(2n ** 31n))).toBe(
        engine.name === 'ws' ? 'close' : 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      );
    });
  });

  /** Resolves with what the client tells of `bytes` and the end: 'message', the code of an error, or 'close'. */
  async function outcome(options: object, bytes: Buffer): Promise<unknown> {
    const { ws, socket } = await opened(options);
    const told = new Promise((resolve) => {
      ws.on('message', () => resolve('message'));
      ws.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      ws.on('close', () => resolve('close'));
    });
    socket.end(bytes);
    return told;
  }

  describe('maxFragments', () => {
    const last = frame(0x80, 'x', false);
    const message = (count: number) => Buffer.concat([fragments(count - 1), last]);

    it.each([3, '3', 3.9])('%o allows 3 and no more', async (maxFragments) => {
      expect(await outcome({ maxFragments }, message(3))).toBe('message');
      expect(await outcome({ maxFragments }, message(4))).toBe('WS_ERR_TOO_MANY_BUFFERED_PARTS');
    });

    it.each([0, -1, null, 2 ** 32])('%o is no limit', async (maxFragments) => {
      expect(await outcome({ maxFragments }, message(20_000))).toBe('message');
    });

    it(difference('fragment-limits'), async () => {
      expect(await outcome({}, message(16 * 1024))).toBe('message');
      expect(await outcome({}, message(16 * 1024 + 1))).toBe(
        engine.name === 'ws' ? 'WS_ERR_TOO_MANY_BUFFERED_PARTS' : 'message',
      );
    });

    it('sends the code 1008', async () => {
      const { ws, socket, peer } = await opened({ maxFragments: 2 });
      const error = new Promise<Error>((resolve) => ws.on('error', resolve));
      socket.write(message(3));
      expect(await error).toMatchObject({ name: 'RangeError', message: 'Too many message fragments' });
      await peer.until((received) => received.length >= 8);
      expect(parseFrames(peer.received)).toEqual([{ opcode: 8, masked: true, payload: closePayload(1008) }]);
    });
  });

  describe('maxBufferedChunks', () => {
    /** Feeds chunks of an unfinished frame; each is a chunk, as no network puts them together. */
    const feed = async (options: object, count: number) => {
      const socket = new StalledSocket();
      const ws = connect(engine, 'ws://localhost', {
        ...NO_DEFLATE,
        ...options,
        createConnection: () => socket,
      });
      await decided(ws);
      const told = new Promise((resolve) => {
        ws.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        ws.on('message', () => resolve('message'));
      });
      const bytes = frame(0x82, Buffer.alloc(count), false);
      socket.push(bytes.subarray(0, bytes.length - count));
      for (let i = 0; i < count; i++) socket.push(Buffer.alloc(1));
      return told;
    };

    it('allows no more', async () => {
      expect(await feed({ maxBufferedChunks: 3 }, 50)).toBe('WS_ERR_TOO_MANY_BUFFERED_PARTS');
    });

    it.each([0, 100])('%i allows 50', async (maxBufferedChunks) => {
      expect(await feed({ maxBufferedChunks }, 50)).toBe('message');
    });
  });

  describe('maxPendingAutoPongs', () => {
    /** A client whose socket writes nothing any more. */
    async function stalled(options: object): Promise<[WebSocket, StalledSocket]> {
      const socket = new StalledSocket();
      const ws = connect(engine, 'ws://localhost', {
        ...NO_DEFLATE,
        ...options,
        createConnection: () => socket,
      });
      await decided(ws);
      return [ws, socket];
    }
    const pings = (count: number) => Buffer.concat(Array.from({ length: count }, () => PING));

    it.each([
      [{}, 60],
      [{ maxPendingAutoPongs: 1 }, 1],
      [{ maxPendingAutoPongs: 2 }, 2],
      [{ maxPendingAutoPongs: 2.9 }, 2],
      [{ maxPendingAutoPongs: '2' }, 2],
    ])('%o terminates when there is one more than %i', async (options, count) => {
      const [ws, socket] = await stalled(options);
      const told = trace(ws);
      let pinged = 0;
      const allowed = new Promise<void>((resolve) => {
        ws.on('ping', () => {
          if (++pinged === count) resolve();
        });
      });
      socket.push(pings(count));
      await allowed;
      expect(ws.readyState).toBe(engine.WebSocket.OPEN);
      socket.push(PING);
      expect(await told).toEqual(["close 1006 ''"]);
    });

    it.each([0, -1, null])('%o is no limit', async (maxPendingAutoPongs) => {
      const [ws, socket] = await stalled({ maxPendingAutoPongs });
      const message = new Promise((resolve) => ws.on('message', (data) => resolve(`${data}`)));
      socket.push(Buffer.concat([pings(1000), frame(0x81, 'foo', false)]));
      expect(await message).toBe('foo');
      expect(ws.readyState).toBe(engine.WebSocket.OPEN);
    });

    it('counts pongs that are not written, and no others', async () => {
      const { ws, socket, peer } = await opened({ maxPendingAutoPongs: 1 });
      for (let i = 1; i <= 5; i++) {
        socket.write(PING);
        await peer.until((received) => received.length >= i * 9);
      }
      expect(ws.readyState).toBe(engine.WebSocket.OPEN);
    });
  });

  describe('close() with bad arguments', () => {
    it.each([
      ['a code', [999], TypeError, 'First argument must be a valid error code number'],
      ['a code of no use', [1006], TypeError, 'First argument must be a valid error code number'],
      [
        'a reason that is too long',
        [1000, 'x'.repeat(124)],
        RangeError,
        /must not be greater than 123 bytes/,
      ],
    ])('throws for %s before the state changes', async (_, args, type, message) => {
      const { ws } = await opened();
      const close = () => Reflect.apply(ws.close, ws, args);
      expect(close).toThrow(type);
      expect(close).toThrow(message);
      expect(ws.readyState).toBe(engine.WebSocket.OPEN);
      const told = new Promise((resolve) => ws.send('still open', resolve));
      expect(await told).toBeFalsy();
    });
  });

  it('writes no chunk for an empty payload', async () => {
    const socket = new StalledSocket(true);
    const ws = connect(engine, 'ws://localhost', { ...NO_DEFLATE, createConnection: () => socket });
    await decided(ws);
    await new Promise((resolve) => ws.send('', resolve));
    await new Promise((resolve) => ws.ping('', undefined, resolve));
    expect(socket.written.map((chunk) => chunk.length)).toEqual([6, 6]);
  });

  it('keeps a close reason of its own', async () => {
    const { ws, socket } = await opened();
    const reasons = new Promise<Buffer>((resolve) => ws.on('close', (_code, reason) => resolve(reason)));
    socket.write(
      Buffer.concat([
        frame(0x82, Buffer.alloc(60_000), false),
        frame(0x88, closePayload(1000, 'why'), false),
      ]),
    );
    const reason = await reasons;
    expect(`${reason}`).toBe('why');
    expect(reason.buffer.byteLength).toBeLessThan(10_000);
  });

  it('opens with a head behind the response, in any pieces', async () => {
    const server = await serveScript((head, socket) => {
      const bytes = Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0x81, 'foo', false)]);
      for (const byte of bytes) socket.write(Buffer.from([byte]));
      return undefined;
    });
    const ws = connect(engine, server.url);
    expect(await new Promise((resolve) => ws.on('message', (data) => resolve(`${data}`)))).toBe('foo');
  });

  it.each([true, false])(
    'allowSynchronousEvents: %o tells several messages of a chunk',
    async (allowSynchronousEvents) => {
      const server = await serveScript(upgrading());
      const ws = connect(engine, server.url, { allowSynchronousEvents });
      await decided(ws);
      const seen: string[] = [];
      const told = new Promise<void>((resolve) => {
        ws.on('message', (data) => {
          seen.push(`${data}`);
          queueMicrotask(() => seen.push('microtask'));
          if (`${data}` === 'b') queueMicrotask(resolve);
        });
      });
      server.sockets[0]!.write(Buffer.concat([frame(0x81, 'a', false), frame(0x81, 'b', false)]));
      await told;
      expect(seen).toEqual(
        allowSynchronousEvents ? ['a', 'b', 'microtask', 'microtask'] : ['a', 'microtask', 'b', 'microtask'],
      );
    },
  );
});

/** A socket of memory that answers the handshake and then, but where it is told to, finishes no write. */
class StalledSocket extends Duplex {
  readonly written: Buffer[] = [];
  readonly #finishes: boolean;
  #head = '';
  #upgraded = false;

  constructor(finishes = false) {
    super();
    this.#finishes = finishes;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    if (this.#upgraded) {
      this.written.push(chunk);
      if (this.#finishes) callback();
      return;
    }
    this.#head += chunk.toString('latin1');
    if (this.#head.endsWith('\r\n\r\n')) {
      this.#upgraded = true;
      this.push(upgradeResponse(this.#head));
    }
    callback();
  }
}
