import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Duplex, type DuplexOptions } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { closeCodes } from '../behaviour/raw-frames.ts';
import {
  type CompatSocket,
  closing,
  ENGINES,
  type Engine,
  next,
  openPair,
  openRawPair,
  type PairOptions,
  serve,
} from './connection-pair.ts';

interface StreamPair {
  readonly client: CompatSocket;
  readonly server: CompatSocket;
  readonly duplex: Duplex;
}

/** A connection whose client's end is a stream. */
async function openStream(
  engine: Engine,
  options?: DuplexOptions,
  pair: PairOptions = {},
): Promise<StreamPair> {
  const ends = await openPair(engine, pair);
  return { ...ends, duplex: engine.createWebSocketStream(ends.client, options) };
}

/** The names of a stream's events, in order; resolves on 'close'. */
function eventsOf(duplex: Duplex, names = ['error', 'end', 'finish']): Promise<string[]> {
  const seen: string[] = [];
  for (const name of names) duplex.on(name, () => seen.push(name));
  return new Promise((resolve) => duplex.on('close', () => resolve([...seen, 'close'])));
}

describe.each(ENGINES)('$name', (engine) => {
  const { createWebSocketStream } = engine;

  it('is on the class too', () => {
    expect((engine.WebSocket as unknown as Record<string, unknown>).createWebSocketStream).toBe(
      createWebSocketStream,
    );
  });

  it('returns a Duplex, of any emitter', () => {
    expect(createWebSocketStream(new EventEmitter())).toBeInstanceOf(Duplex);
  });

  it('passes options on to the Duplex', async () => {
    const { duplex } = await openStream(engine, {
      allowHalfOpen: false,
      encoding: 'utf8',
      readableHighWaterMark: 5,
      writableHighWaterMark: 7,
      decodeStrings: false,
    });
    expect(duplex.allowHalfOpen).toBe(false);
    expect(duplex.readableEncoding).toBe('utf8');
    expect([duplex.readableHighWaterMark, duplex.writableHighWaterMark]).toEqual([5, 7]);
  });

  it('has bytes on both sides, whatever objectMode says', () => {
    const duplex = createWebSocketStream(new EventEmitter(), { objectMode: true, writableObjectMode: true });
    expect([duplex.readableObjectMode, duplex.writableObjectMode]).toEqual([false, false]);
  });

  it('takes readableObjectMode', () => {
    const duplex = createWebSocketStream(new EventEmitter(), { readableObjectMode: true });
    expect([duplex.readableObjectMode, duplex.writableObjectMode]).toEqual([true, false]);
  });

  describe('reading', () => {
    it('gives the bytes of messages of both kinds', async () => {
      const { duplex, server } = await openStream(engine);
      const text = once(duplex, 'data');
      server.send('hello');
      expect(await text).toEqual([Buffer.from('hello')]);
      const binary = once(duplex, 'data');
      server.send(Buffer.from([1, 2]));
      expect(await binary).toEqual([Buffer.from([1, 2])]);
    });

    it('gives text as strings with readableObjectMode', async () => {
      const { duplex, server } = await openStream(engine, { readableObjectMode: true });
      const seen: unknown[] = [];
      const both = new Promise<void>((resolve) => {
        duplex.on('data', (chunk) => {
          seen.push(chunk);
          if (seen.length === 2) resolve();
        });
      });
      server.send('hello');
      server.send(Buffer.from('hello'));
      await both;
      expect(seen).toEqual(['hello', Buffer.from('hello')]);
    });

    it('decodes with an encoding', async () => {
      const { duplex, server } = await openStream(engine, { encoding: 'hex' });
      const data = once(duplex, 'data');
      server.send('hi');
      expect(await data).toEqual(['6869']);
    });
  });

  describe('writing', () => {
    it('sends a binary message for each chunk', async () => {
      const { duplex, server } = await openStream(engine);
      const seen: unknown[] = [];
      const all = new Promise<void>((resolve) => {
        server.on('message', (...message) => {
          seen.push(message);
          if (seen.length === 3) resolve();
        });
      });
      duplex.write('hello');
      duplex.write(Buffer.from('bye'));
      duplex.write('6869', 'hex');
      await all;
      expect(seen).toEqual([
        [Buffer.from('hello'), true],
        [Buffer.from('bye'), true],
        [Buffer.from('hi'), true],
      ]);
    });

    it('sends strings as text with decodeStrings: false', async () => {
      const { duplex, server } = await openStream(engine, { decodeStrings: false });
      const message = next(server, 'message');
      duplex.write('hello');
      expect(await message).toEqual([Buffer.from('hello'), false]);
    });

    it('calls back', async () => {
      const { duplex } = await openStream(engine);
      const error = await new Promise((resolve) => duplex.write('hello', resolve));
      expect(error ?? null).toBeNull();
    });

    it('waits for open', async () => {
      const { wss, url } = await serve(engine);
      const message = once(wss, 'connection').then(([server]) => next(server as CompatSocket, 'message'));
      const duplex = createWebSocketStream(new engine.WebSocket(url));
      duplex.write('hello');
      expect(await message).toEqual([Buffer.from('hello'), true]);
      duplex.destroy();
      await once(duplex, 'close');
    });

    it('to a connection that is closed destroys the stream', async () => {
      const { duplex, client, server } = await openStream(engine);
      const closed = next(client, 'close');
      server.close();
      await closed;
      const events = eventsOf(duplex, ['error']);
      const error = once(duplex, 'error').catch((caught) => [caught]);
      duplex.write('hello');
      expect((await error)[0]).toEqual(new Error('WebSocket is not open: readyState 3 (CLOSED)'));
      expect(await events).toEqual(['error', 'close']);
      expect(duplex.destroyed).toBe(true);
    });

    it('to a connection that is closing does so too', async () => {
      const { duplex, client } = await openStream(engine);
      const events = eventsOf(duplex, ['error']);
      const errors: unknown[] = [];
      duplex.on('error', (error) => errors.push(error));
      client.close();
      duplex.write('hello');
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([new Error('WebSocket is not open: readyState 2 (CLOSING)')]);
    });
  });

  describe('end()', () => {
    it('closes the connection behind what was written', async () => {
      const { duplex, server } = await openStream(engine);
      const seen: string[] = [];
      server.on('message', (data) => seen.push(String(data)));
      const closed = closing(server);
      duplex.write('a');
      duplex.end('b');
      duplex.resume();
      expect(await closed).toEqual([1005, '']);
      expect(seen).toEqual(['a', 'b']);
    });

    it('waits for open', async () => {
      const { wss, url } = await serve(engine);
      const closed = once(wss, 'connection').then(([server]) => closing(server as CompatSocket));
      const duplex = createWebSocketStream(new engine.WebSocket(url));
      const events = eventsOf(duplex);
      duplex.end();
      duplex.resume();
      expect(await closed).toEqual([1005, '']);
      expect((await events).sort()).toEqual(['close', 'end', 'finish']);
    });

    it('does not finish when the handshake fails', async () => {
      const { wss, url } = await serve(engine, { verifyClient: () => false });
      const duplex = createWebSocketStream(new engine.WebSocket(url));
      const events = eventsOf(duplex);
      const errors: Error[] = [];
      duplex.on('error', (error) => errors.push(error));
      duplex.end();
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([new Error('Unexpected server response: 401')]);
      expect(wss.clients.size).toBe(0);
    });
  });

  describe('the end', () => {
    it('comes when the peer closes; what is unread is still there', async () => {
      const { duplex, client, server } = await openStream(engine);
      const closed = next(client, 'close');
      server.send('last words');
      server.close();
      await closed;
      expect(duplex.destroyed).toBe(false);
      const chunks: string[] = [];
      duplex.on('data', (chunk) => chunks.push(String(chunk)));
      duplex.end();
      await once(duplex, 'close');
      expect(chunks).toEqual(['last words']);
    });

    it('and finish, in either order, destroy the stream: finish first', async () => {
      const { duplex, server } = await openStream(engine);
      const calls: unknown[][] = [];
      duplex.on('finish', () => calls.push(['finish', duplex.destroyed]));
      duplex.on('end', () => calls.push(['end']));
      server.on('close', () => calls.push(['peer']));
      const closed = new Promise<void>((resolve) => {
        duplex.on('close', () => {
          calls.push(['close', duplex.destroyed]);
          resolve();
        });
      });
      duplex.end();
      await once(duplex, 'finish');
      expect(duplex.destroyed).toBe(false);
      duplex.resume();
      await closed;
      expect(calls.filter(([name]) => name !== 'peer')).toEqual([
        ['finish', false],
        ['end'],
        ['close', true],
      ]);
    });

    it('and finish, in either order, destroy the stream: end first', async () => {
      const { duplex, server } = await openStream(engine);
      const ended = once(duplex, 'end');
      duplex.resume();
      server.close();
      await ended;
      expect([duplex.destroyed, duplex.writable]).toEqual([false, true]);
      const closed = eventsOf(duplex);
      duplex.end();
      expect(await closed).toEqual(['finish', 'close']);
      expect(duplex.destroyed).toBe(true);
    });

    it('comes with allowHalfOpen: false without an end()', async () => {
      const { duplex, server } = await openStream(engine, { allowHalfOpen: false });
      const events = eventsOf(duplex);
      duplex.resume();
      server.close();
      expect((await events).sort()).toEqual(['close', 'end', 'finish']);
    });

    it('comes when the peer terminates, without an error', async () => {
      const { duplex, server } = await openStream(engine);
      const events = eventsOf(duplex, ['error', 'end']);
      duplex.resume();
      duplex.on('end', () => duplex.end());
      server.terminate();
      expect(await events).toEqual(['end', 'close']);
    });
  });

  describe('destroy()', () => {
    it('terminates the connection', async () => {
      const { duplex, client, server } = await openStream(engine);
      const ends = Promise.all([closing(client), closing(server)]);
      const events = eventsOf(duplex);
      duplex.destroy();
      expect(duplex.destroyed).toBe(true);
      expect(await ends).toEqual([
        [1006, ''],
        [1006, ''],
      ]);
      expect(await events).toEqual(['close']);
    });

    it('emits the error that it is given, then close', async () => {
      const { duplex } = await openStream(engine);
      const events = eventsOf(duplex);
      const errors: unknown[] = [];
      duplex.on('error', (error) => errors.push(error));
      const error = new Error('enough');
      duplex.destroy(error);
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([error]);
    });

    it('while connecting gives up the attempt, and tells its error', async () => {
      const { url } = await serve(engine);
      const client = new engine.WebSocket(url);
      const duplex = createWebSocketStream(client);
      const errors: unknown[] = [];
      duplex.on('error', (error) => errors.push(error));
      const events = eventsOf(duplex);
      duplex.destroy();
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([new Error('WebSocket was closed before the connection was established')]);
      expect(client.readyState).toBe(3);
    });

    it('after the close of the connection emits close, later', async () => {
      const { duplex, client, server } = await openStream(engine);
      const closed = next(client, 'close');
      server.close();
      await closed;
      const events = eventsOf(duplex);
      duplex.destroy();
      expect(await events).toEqual(['close']);
    });

    it('comes after the close of the connection', async () => {
      const { duplex, client } = await openStream(engine);
      const calls: string[] = [];
      client.on('close', () => calls.push('connection'));
      const closed = new Promise<void>((resolve) => {
        duplex.on('close', () => {
          calls.push('stream');
          resolve();
        });
      });
      duplex.destroy();
      await closed;
      expect(calls).toEqual(['connection', 'stream']);
    });
  });

  describe('an error of the connection', () => {
    it('destroys the stream with it, and the peer hears of it', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'client');
      const duplex = createWebSocketStream(socket);
      const errors: unknown[] = [];
      duplex.on('error', (error) => errors.push(error));
      const events = eventsOf(duplex);
      peer.socket.write(frame(0x85));
      await peer.until((received) => closeCodes(received).length > 0);
      expect(closeCodes(peer.received)).toEqual([1002]);
      peer.socket.end();
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([expect.objectContaining({ code: 'WS_ERR_INVALID_OPCODE' })]);
    });

    it('that comes while the stream is being destroyed is told too', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'client', {
        settings: { perMessageDeflate: true },
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      });
      const duplex = createWebSocketStream(socket);
      const errors: unknown[] = [];
      duplex.on('error', (error) => errors.push(error));
      const events = eventsOf(duplex);
      duplex.resume();
      socket.once('message', () => duplex.destroy());
      // A message, and one that zlib will find broken by and by.
      peer.socket.write(Buffer.concat([frame(0x81, 'now'), frame(0xc1, Buffer.from([0xff, 0xff, 0xff]))]));
      expect(await events).toEqual(['error', 'close']);
      expect(errors).toEqual([expect.objectContaining({ code: 'Z_DATA_ERROR' })]);
    });
  });

  describe('backpressure', () => {
    it('write() says when it is enough, and drain comes', async () => {
      const { duplex, server } = await openStream(engine);
      server.pause();
      const chunk = Buffer.alloc(64 * 1024);
      while (duplex.write(chunk)) await new Promise(setImmediate);
      const drained = once(duplex, 'drain');
      server.resume();
      await drained;
      expect(duplex.writableNeedDrain).toBe(false);
    });

    it('a stream that nobody reads pauses the connection, and reading resumes it', async () => {
      const { duplex, client, server } = await openStream(engine, { readableHighWaterMark: 100 });
      const message = next(client, 'message');
      server.send(Buffer.alloc(200));
      await message;
      expect(client.isPaused).toBe(true);
      const data = once(duplex, 'data');
      duplex.resume();
      await data;
      const another = once(duplex, 'data');
      server.send('more');
      expect(await another).toEqual([Buffer.from('more')]);
    });

    it('reading resumes it in CLOSING, too', async () => {
      const { duplex, client, server } = await openStream(engine, { readableHighWaterMark: 100 });
      const message = next(client, 'message');
      server.send(Buffer.alloc(200));
      await message;
      expect(client.isPaused).toBe(true);
      const events = eventsOf(duplex);
      duplex.end();
      expect(client.readyState).toBe(2);
      duplex.resume();
      expect((await events).sort()).toEqual(['close', 'end', 'finish']);
      expect(server.readyState).toBeGreaterThan(1);
    });

    it('carries megabytes through a pipe, there and back', async () => {
      const { duplex, server } = await openStream(engine, {}, { server: { perMessageDeflate: true } });
      const echo = createWebSocketStream(server);
      const piped = pipeline(echo, echo).catch((error) => error);
      const data = randomBytes(3 << 20);
      const chunks: Buffer[] = [];
      let length = 0;
      duplex.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length === data.length) duplex.end();
      });
      for (let at = 0; at < data.length; at += 50_000) {
        if (!duplex.write(data.subarray(at, at + 50_000))) await once(duplex, 'drain');
      }
      await finished(duplex);
      await piped;
      expect(Buffer.concat(chunks).equals(data)).toBe(true);
    });
  });
});
