import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { slabBytes } from '../../../src/node/fast-path/slab.ts';
import { borrowing, pause, readIntoSlab } from '../../../src/node/fast-path/slab-reading.ts';
import { socketPair } from '../socket-pair.ts';

interface Reading {
  readonly near: Socket;
  readonly far: Socket;
  /** What the borrowing listener got, and whether it was lent the slab. */
  readonly got: Array<{ text: string; lent: boolean }>;
  /** Resolves when the listener has had that many bytes. */
  until(length: number): Promise<void>;
}

async function read(onChunk: (text: string) => void = () => {}): Promise<Reading> {
  const { near, far } = await socketPair();
  const got: Reading['got'] = [];
  expect(readIntoSlab(near)).toBe(true);
  near.on(
    'data',
    borrowing((chunk: Uint8Array, end = chunk.length) => {
      const text = Buffer.from(chunk.subarray(0, end)).toString();
      got.push({ text, lent: chunk === slabBytes() });
      near.emit('told');
      onChunk(text);
    }),
  );
  return {
    near,
    far,
    got,
    async until(length) {
      while (got.reduce((sum, { text }) => sum + text.length, 0) < length) await once(near, 'told');
    },
  };
}

describe('readIntoSlab', () => {
  it('lends the slab to the only listener', async () => {
    const { far, got, until } = await read();
    far.write('hello');
    await until(5);
    expect(got).toEqual([{ text: 'hello', lent: true }]);
  });

  it('does it once', async () => {
    const { near, far, got, until } = await read();
    expect(readIntoSlab(near)).toBe(true);
    far.write('hello');
    await until(5);
    expect(got).toEqual([{ text: 'hello', lent: true }]);
  });

  it('pushes copies into the stream when somebody else listens', async () => {
    const { near, far, got, until } = await read();
    const others: Buffer[] = [];
    const other = (chunk: Buffer): unknown => others.push(chunk);
    near.on('data', other);
    far.write('one');
    await until(3);
    near.off('data', other);
    far.write('two');
    await until(6);
    expect(got).toEqual([
      { text: 'one', lent: false },
      { text: 'two', lent: true },
    ]);
    expect(others.map(String)).toEqual(['one']);
  });

  it('keeps to the order of what is in the stream already', async () => {
    const { near, far, got, until } = await read();
    near.unshift(Buffer.from('head'));
    far.write('!');
    await until(5);
    expect(got.map(({ text }) => text).join('')).toBe('head!');
  });

  it('is a readable stream for whoever takes it over', async () => {
    const { near, far } = await read();
    near.removeAllListeners('data');
    far.end('taken over');
    const chunks = [];
    for await (const chunk of near) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('taken over');
  });

  it('goes through emit where a program has put its own', async () => {
    const { near, far, until } = await read();
    const names: unknown[] = [];
    const { emit } = near;
    near.emit = ((...args: Parameters<typeof emit>) => {
      names.push(args[0]);
      return emit.apply(near, args);
    }) as typeof emit;
    far.write('seen');
    await until(4);
    expect(names).toContain('data');
  });

  it('tells the end', async () => {
    const { near, far, got } = await read();
    far.end('last words');
    await once(near, 'end');
    expect(got).toEqual([{ text: 'last words', lent: true }]);
  });

  it('tells a reset', async () => {
    const { near, far } = await read();
    const failed = once(near, 'error');
    far.resetAndDestroy();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('holds what comes while the socket is paused, in order', async () => {
    const { near, far, got, until } = await read();
    near.pause();
    far.write('one');
    await new Promise((resolve) => far.write('two', resolve));
    near.resume();
    far.write('three');
    await until(11);
    expect(got.map(({ text }) => text).join('')).toBe('onetwothree');
  });

  it('reads nothing on after a listener has destroyed the socket', async () => {
    const { near, far, got } = await read(() => near.destroy());
    far.write(Buffer.alloc(500_000, 'x'));
    await once(near, 'close');
    expect(got).toHaveLength(1);
  });

  it('leaves a socket with an onread of its own alone', async () => {
    const { near } = await socketPair();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: { buffer: Buffer.alloc(10), callback: () => true },
    });
    onTestFinished(() => {
      socket.destroy();
      server.close();
    });
    const [accepted] = (await once(server, 'connection')) as [Socket];
    expect([readIntoSlab(socket), readIntoSlab(accepted), readIntoSlab(near)]).toEqual([false, true, true]);
    accepted.destroy();
  });

  it('leaves other streams, and closed sockets, alone', async () => {
    const { near } = await socketPair();
    near.destroy();
    expect(readIntoSlab(near)).toBe(false);
    expect(readIntoSlab(new PassThrough())).toBe(false);
  });
});

describe('pause', () => {
  it('does not keep a socket from hearing that the peer is gone', async () => {
    const { near, far, got } = await read();
    pause(near);
    const failed = once(near, 'error');
    far.resetAndDestroy();
    await failed;
    expect(got).toEqual([]);
  });

  it('leaves what comes in the stream until resume()', async () => {
    const { near, far, got, until } = await read();
    pause(near);
    far.write('held');
    while (near.readableLength < 4) await new Promise(setImmediate);
    expect(got).toEqual([]);
    near.resume();
    far.write('!');
    await until(5);
    expect(got.map(({ text }) => text).join('')).toBe('held!');
  });

  it('keeps the order when more is read before the stream flows again', async () => {
    const { near, far, got, until } = await read();
    pause(near);
    far.write('one');
    while (near.readableLength < 3) await new Promise(setImmediate);
    near.resume();
    const callback = Object.getOwnPropertySymbols(near).find(
      ({ description }) => description === 'kBufferCb',
    )!;
    slabBytes().set(Buffer.from('two'));
    Reflect.get(near, callback).call(near, 3, slabBytes());
    await until(6);
    expect(got.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('pauses other streams by their own method', () => {
    const stream = new PassThrough();
    pause(stream);
    expect(stream.isPaused()).toBe(true);
  });
});
