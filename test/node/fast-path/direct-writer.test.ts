import { once } from 'node:events';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DirectWriter } from '../../../src/node/fast-path/direct-writer.ts';
import { socketPair } from '../socket-pair.ts';

interface Writing {
  readonly near: Socket;
  readonly far: Socket;
  readonly writer: DirectWriter;
  /** What went through the stream. */
  readonly streamed: string[];
  /** What the peer has; resolves when that is `length` bytes long. */
  received(length: number): Promise<Buffer>;
}

async function open(): Promise<Writing> {
  const { near, far } = await socketPair();
  const streamed: string[] = [];
  const write = near._write;
  near._write = (chunk, encoding, callback) => {
    streamed.push(String(chunk));
    write.call(near, chunk, encoding, callback);
  };
  return {
    near,
    far,
    streamed,
    writer: DirectWriter.of(near)!,
    async received(length) {
      const chunks: Buffer[] = [];
      let count = 0;
      for await (const chunk of far.iterator({ destroyOnReturn: false })) {
        chunks.push(chunk);
        count += chunk.length;
        if (count >= length) break;
      }
      return Buffer.concat(chunks);
    },
  };
}

/** Writes until the system takes no more; returns how many bytes that were. */
function fill(writer: DirectWriter, bytes: Uint8Array): number {
  let count = 0;
  while (writer.pendingBytes === 0) {
    expect(writer.write(bytes, undefined)).not.toBe('refused');
    count += bytes.length;
  }
  return count;
}

describe('DirectWriter', () => {
  it('writes past the stream, and calls back later', async () => {
    const { writer, streamed, received } = await open();
    const log: unknown[] = [];
    const called = new Promise<void>((resolve) => {
      expect(
        writer.write(Buffer.from('hello'), (...args) => {
          log.push(args);
          resolve();
        }),
      ).toBe('written');
    });
    expect(log).toEqual([]);
    await called;
    expect(log).toEqual([[]]);
    expect(String(await received(5))).toBe('hello');
    expect(streamed).toEqual([]);
    expect(writer.pendingBytes).toBe(0);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is corked', (socket) => socket.cork()],
    ['has a time limit', (socket) => socket.setTimeout(100_000)],
    ['is ending', (socket) => socket.end()],
    ['is destroyed', (socket) => socket.destroy()],
    [
      'has another write',
      (socket) => {
        socket.write = () => true;
      },
    ],
  ])('leaves it to the stream when the socket %s', async (_, prepare) => {
    const { near, writer } = await open();
    prepare(near);
    expect(writer.write(Buffer.from('a'), undefined)).toBe('refused');
  });

  it('writes behind what the stream has', async () => {
    const { near, far, writer, received } = await open();
    far.pause();
    const long = Buffer.alloc(1 << 25, 'x');
    near.write(long);
    expect(writer.write(Buffer.from('a'), undefined)).toBe('refused');
    const [bytes] = await Promise.all([received(long.length), once(near, 'drain')]);
    expect(bytes.equals(long)).toBe(true);
    expect(writer.write(Buffer.from('b'), undefined)).toBe('written');
    expect(String(await received(1))).toBe('b');
  });

  it('waits for what the system did not take at once, and keeps the order', async () => {
    const { near, writer, received } = await open();
    const piece = Buffer.alloc(60_000, 'x');
    const log: string[] = [];
    let length = 0;
    while (writer.pendingBytes === 0) {
      length += piece.length;
      writer.write(piece, (error) => log.push(`direct ${error}`));
    }
    expect(writer.pendingBytes).toBe(piece.length);
    expect(writer.write(Buffer.from('a'), undefined)).toBe('refused');
    const streamed = new Promise((resolve) => near.write('behind', resolve));
    const bytes = await received(length + 6);
    await streamed;
    expect(bytes.subarray(0, length).every((byte) => byte === 0x78)).toBe(true);
    expect(String(bytes.subarray(length))).toBe('behind');
    expect(log).toEqual(Array.from({ length: length / piece.length }, () => 'direct undefined'));
    expect(writer.pendingBytes).toBe(0);
    expect(writer.write(Buffer.from('c'), undefined)).toBe('written');
  });

  it('ends the socket behind what is pending', async () => {
    const { near, writer, received } = await open();
    const length = fill(writer, Buffer.alloc(60_000));
    const finished = once(near, 'finish');
    near.end('last');
    expect(await received(length + 4)).toHaveLength(length + 4);
    await finished;
  });

  it('calls back for what was pending when the socket is destroyed, without an error as Node does', async () => {
    const { near, writer } = await open();
    fill(writer, Buffer.alloc(60_000));
    const { near: other, writer: called } = await open();
    const done = new Promise((resolve) => {
      while (called.pendingBytes === 0) called.write(Buffer.alloc(60_000), resolve);
    });
    near.destroy();
    other.destroy();
    expect(await done).toBeUndefined();
  });

  it('fails as the stream does when the peer is gone', async () => {
    const direct = await open();
    const regular = await open();
    const errors = Promise.all([once(direct.near, 'error'), once(regular.near, 'error')]);
    for (const { near, far } of [direct, regular]) {
      // What it would read says the same: it is the write that is to fail.
      (near as unknown as { _handle: { readStop(): void } })._handle.readStop();
      far.resetAndDestroy();
      await once(far, 'close');
    }
    const told: unknown[] = [];
    while (!direct.near.destroyed) {
      direct.writer.write(Buffer.from('a'), (error) => error && told.push(error));
      await new Promise(setImmediate);
    }
    while (!regular.near.destroyed) {
      regular.near.write('a');
      await new Promise(setImmediate);
    }
    const [[error], [expected]] = await errors;
    expect({ ...error, message: error.message }).toEqual({ ...expected, message: expected.message });
    expect(told).toEqual([error]);
  });

  it('is not to be had for other streams', () => {
    expect(DirectWriter.of(new PassThrough())).toBeUndefined();
    expect(DirectWriter.of(new Socket())).toBeUndefined();
  });
});
