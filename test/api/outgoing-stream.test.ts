import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OutgoingStream, type StreamSource } from '../../src/api/outgoing-stream.ts';
import { BINARY, TEXT } from '../../src/core/index.ts';

const next = (stream: OutgoingStream): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => stream.next((error, piece) => (error ? reject(error) : resolve(piece))));

async function piecesOf(source: StreamSource, binary?: boolean): Promise<[opcode: number, pieces: string[]]> {
  const stream = new OutgoingStream(source, binary);
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
      new OutgoingStream(
        // biome-ignore lint/correctness/useYield: it fails before
        (async function* (): AsyncGenerator<string> {
          throw reason;
        })(),
        undefined,
      );
    const error = new Error('no file');
    await expect(next(failing(error))).rejects.toBe(error);
    await expect(next(failing('text'))).rejects.toMatchObject({ cause: 'text' });
    await expect(next(new OutgoingStream([Symbol('none') as never], undefined))).rejects.toThrow(TypeError);
    expect(() => new OutgoingStream(1 as never, undefined)).toThrow(TypeError);
    expect(() => new OutgoingStream({} as never, undefined)).toThrow(TypeError);
  });

  it('lets go of a source that is not at its end, and of no other', async () => {
    const source = Readable.from(['a', 'b']);
    const stream = new OutgoingStream(source, undefined);
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
    const other = new OutgoingStream({ [Symbol.asyncIterator]: () => iterator }, undefined);
    await next(other);
    other.close();
    expect(returned).toBe(0);
  });
});
