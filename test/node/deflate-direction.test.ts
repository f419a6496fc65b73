import { createInflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ConcurrencyLimiter } from '../../src/node/concurrency-limiter.ts';
import { DeflateDirection } from '../../src/node/deflate-direction.ts';
import { SpareStreams } from '../../src/node/spare-streams.ts';
import { StreamClosedError, ZlibStream } from '../../src/node/zlib-stream.ts';

const HELLO = Buffer.from('f248cdc9c907000000ffff', 'hex');
const AGAIN = Buffer.from('f20011000000 00ffff'.replace(' ', ''), 'hex');
const limiter = new ConcurrencyLimiter(1);

/** A direction that counts the streams it has made. */
function directionWith(kind: 'own' | 'spare') {
  const made: ZlibStream[] = [];
  const create = (): ZlibStream => {
    made.push(new ZlibStream(createInflateRaw(), limiter, true));
    return made.at(-1)!;
  };
  const spare = new SpareStreams(create);
  const direction = new DeflateDirection(kind === 'own' ? { own: create } : { spare });
  return { direction, made, spare };
}

function inflate(direction: DeflateDirection, data: Uint8Array, fin = true): Promise<string> {
  return new Promise((resolve, reject) => {
    direction.process([data], fin, Infinity, (error, output) =>
      error ? reject(error) : resolve(String(output)),
    );
  });
}

describe('DeflateDirection', () => {
  it('makes nothing before the first message', () => {
    expect(directionWith('own').made).toEqual([]);
  });

  it('keeps its own stream, and what went through it', async () => {
    const { direction, made } = directionWith('own');
    expect(await inflate(direction, HELLO)).toBe('Hello');
    expect(await inflate(direction, AGAIN)).toBe('Hello');
    expect(made).toHaveLength(1);
    direction.close();
    expect(made[0]!.usable).toBe(false);
  });

  it('gives a spare stream back at the end of a message, not before', async () => {
    const { direction, made, spare } = directionWith('spare');
    await inflate(direction, HELLO, false);
    const other = spare.take();
    expect(other).not.toBe(made[0]);
    await inflate(direction, AGAIN, true);
    expect(spare.take()).toBe(made[0]);
    for (const stream of made) stream.close();
  });

  it.each(['own', 'spare'] as const)(
    'takes another stream after a fault and after a final block: %s',
    async (kind) => {
      const { direction, made } = directionWith(kind);
      await expect(inflate(direction, Buffer.alloc(8, 0xff))).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
      expect(await inflate(direction, Buffer.concat([deflateRawSync('end'), HELLO]))).toBe('end');
      expect(await inflate(direction, HELLO)).toBe('Hello');
      expect(made.map(({ usable }) => usable)).toEqual([false, false, true]);
      made[2]!.close();
    },
  );

  it('refuses what comes after it was closed', async () => {
    const { direction, made } = directionWith('own');
    direction.close();
    await expect(inflate(direction, HELLO)).rejects.toEqual(new StreamClosedError());
    expect(made).toEqual([]);
  });
});
