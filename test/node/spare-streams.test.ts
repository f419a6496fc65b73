import { createDeflateRaw } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ConcurrencyLimiter } from '../../src/node/concurrency-limiter.ts';
import { SpareStreams } from '../../src/node/spare-streams.ts';
import { ZlibStream } from '../../src/node/zlib-stream.ts';

const limiter = new ConcurrencyLimiter(1);
const create = (): ZlibStream => new ZlibStream(createDeflateRaw(), limiter, true);

function compress(stream: ZlibStream, data: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.process([Buffer.from(data)], Infinity, (error, output) =>
      error ? reject(error) : resolve(output!),
    );
  });
}

describe('SpareStreams', () => {
  it('gives a stream to one at a time, and again when it came back', () => {
    const spare = new SpareStreams(create);
    const [a, b] = [spare.take(), spare.take()];
    expect(a).not.toBe(b);
    spare.giveBack(a);
    expect(spare.take()).toBe(a);
    a.close();
    b.close();
  });

  it('forgets what went through a stream', async () => {
    const spare = new SpareStreams(create);
    const stream = spare.take();
    const first = await compress(stream, 'hello hello hello');
    spare.giveBack(stream);
    expect(await compress(spare.take(), 'hello hello hello')).toEqual(first);
    stream.close();
  });

  it('closes those that are too many', () => {
    const spare = new SpareStreams(create);
    const streams = Array.from({ length: 12 }, () => spare.take());
    for (const stream of streams) spare.giveBack(stream);
    expect(streams.map(({ usable }) => usable)).toEqual([...Array(10).fill(true), false, false]);
    for (const stream of streams) stream.close();
  });
});
