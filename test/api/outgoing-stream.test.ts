import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OutgoingStream, type StreamSource } from '../../src/api/outgoing-stream.ts';
import { BINARY, TEXT } from '../../src/core/index.ts';

const next = (stream: OutgoingStream): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => stream.next((error, piece) => (error ? reject(error) : resolve(piece))));

const streamOf = (source: StreamSource, binary?: boolean): OutgoingStream =>
  new OutgoingStream(source, binary, () => {});

async function piecesOf(source: StreamSource, binary?: boolean): Promise<[opcode: number, pieces: string[]]> {
  const stream = streamOf(source, binary);
  const pieces: string[] = [];
  for (let piece = await next(stream); piece !== undefined; piece = await next(stream)) {
    pieces.push(String(Buffer.from(piece)));
  }
  return [stream.opcode, pieces];
}

describe('OutgoingStream', () => {
  it.each<[name: string, source: () => StreamSource, opcode: number]>([
    ['a Readable', () => Readable.from([Buffer.from('a'), Buffer.from('b')]), BINARY],
    ['a Readable of text', () => Readable.from(['a', 'b']), TEXT],
    ['a ReadableStream', () => new Blob(['ab']).stream() as unknown as StreamSource, BINARY],
    ['an array', () => ['a', Buffer.from('b')], TEXT],
    [
      'a generator',
      async function* () {
        yield new Uint8Array([97]);
        yield new Uint8Array([98]).buffer;
      },
      BINARY,
    ],
  ])('reads %s', async (_name, source, opcode) => {
    const [ofSource, pieces] = await piecesOf(source());
    expect([ofSource, pieces.join('')]).toEqual([opcode, 'ab']);
  });

  it('is what it is told to be, and binary when there is nothing', async () => {
    expect((await piecesOf(['a'], true))[0]).toBe(BINARY);
    expect((await piecesOf([Buffer.from('a')], false))[0]).toBe(TEXT);
    expect(await piecesOf([])).toEqual([BINARY, []]);
  });

  it('leaves out empty chunks, and cuts long ones', async () => {
    const [, pieces] = await piecesOf(['', 'a', '', 'x'.repeat(150_000)]);
    expect(pieces.map(({ length }) => length)).toEqual([1, 65_536, 65_536, 18_928]);
  });

  it('passes on what the source throws', async () => {
    const failing = (reason: unknown) =>
      streamOf(
        // biome-ignore lint/correctness/useYield: it fails before
        (async function* (): AsyncGenerator<string> {
          throw reason;
        })(),
      );
    const error = new Error('no file');
    await expect(next(failing(error))).rejects.toBe(error);
    await expect(next(failing('text'))).rejects.toMatchObject({ cause: 'text' });
    await expect(next(streamOf([Symbol('none') as never]))).rejects.toThrow(TypeError);
    expect(() => streamOf(1 as never)).toThrow(TypeError);
    expect(() => streamOf({} as never)).toThrow(TypeError);
  });

  it('lets go of a source that is not at its end, and of no other', async () => {
    const source = Readable.from(['a', 'b']);
    const stream = streamOf(source);
    await next(stream);
    const closed = new Promise((resolve) => source.once('close', resolve));
    stream.close();
    stream.close();
    await closed;
    let returned = 0;
    const iterator = {
      next: async () => ({ value: undefined, done: true as const }),
      return: async () => {
        returned++;
        return { value: undefined, done: true as const };
      },
    };
    const other = streamOf({ [Symbol.asyncIterator]: () => iterator });
    await next(other);
    other.close();
    expect(returned).toBe(0);
  });

  it('tells once that the message is whole, with its bytes', async () => {
    const told: unknown[] = [];
    const whole = (source: StreamSource, binary?: boolean) =>
      new OutgoingStream(source, binary, (...message) => told.push(message));
    for (const stream of [whole(['é', '', Buffer.from('b')]), whole([new Uint8Array(150_000)]), whole([])]) {
      const before = told.length;
      while ((await next(stream)) !== undefined) expect(told).toHaveLength(before);
      stream.close();
    }
    expect(told).toEqual([
      [false, 3],
      [true, 150_000],
      [true, 0],
    ]);
  });

  it('is never whole when it failed, or was let go of', async () => {
    const fail = (): void => expect.unreachable();
    const failing = new OutgoingStream([Symbol('none') as never], undefined, fail);
    await expect(next(failing)).rejects.toThrow(TypeError);
    let end = (): void => {};
    const waiting = async function* () {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      yield* [];
    };
    const dropped = new OutgoingStream(waiting(), undefined, fail);
    const last = next(dropped);
    dropped.close();
    end();
    expect(await last).toBeUndefined();
  });
});
