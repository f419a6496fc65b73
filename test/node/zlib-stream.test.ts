import { once } from 'node:events';
import { createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OutputTooLongError, StreamClosedError, ZlibStream } from '../../src/node/zlib-stream.ts';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

function process(stream: ZlibStream, input: readonly Uint8Array[], limit = Infinity): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.process(input, limit, (error, output) => (error ? reject(error) : resolve(output!)));
  });
}

describe('ZlibStream', () => {
  it('gives for each piece of input what comes out up to a sync flush', async () => {
    const deflate = new ZlibStream(createDeflateRaw());
    const inflate = new ZlibStream(createInflateRaw());
    for (const text of ['one', '', 'two', 'one']) {
      const compressed = await process(deflate, [Buffer.from(text)]);
      if (text !== '') expect(compressed.subarray(-4)).toEqual(TAIL);
      expect(String(await process(inflate, [compressed]))).toBe(text);
    }
  });

  it('joins output of more than one chunk', async () => {
    const data = Buffer.alloc(100_000, 'abc');
    const deflated = await process(new ZlibStream(createDeflateRaw()), [data]);
    const inflated = await process(new ZlibStream(createInflateRaw({ chunkSize: 64 })), [deflated]);
    expect(inflated.equals(data)).toBe(true);
  });

  it('takes input in several pieces', async () => {
    const deflated = await process(new ZlibStream(createDeflateRaw()), [Buffer.from('a'), Buffer.from('b')]);
    const inflate = new ZlibStream(createInflateRaw());
    expect(String(await process(inflate, [deflated.subarray(0, 3), deflated.subarray(3)]))).toBe('ab');
  });

  it('takes an error that the flush calls back with for one of the stream, as zlib of Deno tells it', async () => {
    const raw = createInflateRaw();
    const error = new Error('invalid block type');
    raw.flush = (_kind, callback?: (error: Error) => void) => callback?.(error);
    const stream = new ZlibStream(raw);
    await expect(process(stream, [Buffer.from('ff', 'hex')])).rejects.toBe(error);
    expect(stream.usable).toBe(false);
  });

  it('uses what came before until it is reset', async () => {
    const stream = new ZlibStream(createDeflateRaw());
    const data = Buffer.from('the quick brown fox jumps over the lazy dog');
    const first = await process(stream, [data]);
    const second = await process(stream, [data]);
    expect(second.length).toBeLessThan(first.length);
    stream.reset();
    expect(await process(stream, [data])).toEqual(first);
  });

  it('accepts output of just the limit', async () => {
    const compressed = deflateRawSync(Buffer.alloc(5000));
    const inflate = new ZlibStream(createInflateRaw());
    expect(await process(inflate, [compressed, TAIL], 5000)).toHaveLength(5000);
  });

  it('stops inflating at the chunk that goes over the limit', async () => {
    const limit = 100_000;
    const chunkSize = 16 * 1024;
    const raw = createInflateRaw({ chunkSize });
    let inflated = 0;
    raw.on('data', (chunk: Buffer) => {
      inflated += chunk.length;
    });
    const stream = new ZlibStream(raw);
    const closed = once(raw, 'close');
    const bomb = deflateRawSync(Buffer.alloc(20 * 1024 * 1024));
    await expect(process(stream, [bomb, TAIL], limit)).rejects.toBeInstanceOf(OutputTooLongError);
    await closed;
    expect(inflated).toBeGreaterThan(limit);
    expect(inflated).toBeLessThanOrEqual(limit + chunkSize);
    expect(stream.usable).toBe(false);
  });

  it('is not usable after bad input, and tells zlib’s error', async () => {
    const stream = new ZlibStream(createInflateRaw());
    expect(stream.usable).toBe(true);
    await expect(process(stream, [Buffer.alloc(10, 0xff)])).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
    expect(stream.usable).toBe(false);
  });

  it('is not usable after a block with BFINAL set', async () => {
    const stream = new ZlibStream(createInflateRaw());
    const output = await process(stream, [deflateRawSync(Buffer.from('Hello')), Buffer.from([0]), TAIL]);
    expect(String(output)).toBe('Hello');
    expect(stream.usable).toBe(false);
  });

  it('calls back with an error, once, when it is closed during a job', async () => {
    const raw = createDeflateRaw();
    const stream = new ZlibStream(raw);
    const errors: Array<Error | null> = [];
    stream.process([Buffer.alloc(1_000_000)], Infinity, (error) => errors.push(error));
    stream.close();
    await once(raw, 'close');
    expect(errors).toEqual([new StreamClosedError()]);
    expect(errors[0]?.message).toBe('The deflate stream was closed while data was being processed');
  });

  it('can be closed when nothing is being done, and again', async () => {
    const raw = createDeflateRaw();
    const stream = new ZlibStream(raw);
    const closed = once(raw, 'close');
    stream.close();
    stream.close();
    await closed;
    expect(stream.usable).toBe(false);
  });
});
