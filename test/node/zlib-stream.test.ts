import { once } from 'node:events';
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
  inflateRawSync,
} from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConcurrencyLimiter } from '../../src/node/concurrency-limiter.ts';
import {
  IMMEDIATE_BYTES_PER_TURN,
  MAX_IMMEDIATE_BYTES,
  OutputTooLongError,
  StreamClosedError,
  ZlibStream,
} from '../../src/node/zlib-stream.ts';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

const limiter = new ConcurrencyLimiter(Number.POSITIVE_INFINITY);

function process(stream: ZlibStream, input: readonly Uint8Array[], limit = Infinity): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.process(input, limit, (error, output) => (error ? reject(error) : resolve(output!)));
  });
}

/** Whether it is known already when the call returns what comes out. */
function isAtOnce(stream: ZlibStream, input: readonly Uint8Array[]): boolean {
  let known = false;
  stream.process(input, Infinity, () => {
    known = true;
  });
  return known;
}

/** What all streams may put through at once begins anew. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function create(raw: DeflateRaw | InflateRaw, immediate: boolean): ZlibStream {
  const stream = new ZlibStream(raw, limiter, immediate);
  onTestFinished(() => stream.close());
  return stream;
}

describe.each([
  ['at once', true],
  ['in the thread pool', false],
])('ZlibStream %s', (_name, immediate) => {
  const deflater = (): ZlibStream => create(createDeflateRaw(), immediate);
  const inflater = (): ZlibStream => create(createInflateRaw(), immediate);

  it('gives for each piece of input what comes out up to a sync flush', async () => {
    const deflate = deflater();
    const inflate = inflater();
    for (const text of ['one', '', 'two', 'one']) {
      const compressed = await process(deflate, [Buffer.from(text)]);
      if (text !== '') expect(compressed.subarray(-4)).toEqual(TAIL);
      expect(String(await process(inflate, [compressed]))).toBe(text);
    }
  });

  it('joins output of more than one chunk', async () => {
    const data = Buffer.alloc(100_000, 'abc');
    const deflated = await process(deflater(), [data]);
    const inflated = await process(create(createInflateRaw({ chunkSize: 64 }), immediate), [deflated]);
    expect(inflated.equals(data)).toBe(true);
  });

  it('takes input in several pieces', async () => {
    const deflated = await process(deflater(), [Buffer.from('a'), Buffer.from('b')]);
    const inflate = inflater();
    expect(String(await process(inflate, [deflated.subarray(0, 3), deflated.subarray(3)]))).toBe('ab');
  });

  it('takes an error that the flush calls back with for one of the stream, as zlib of Deno tells it', async () => {
    const raw = createInflateRaw();
    const error = new Error('invalid block type');
    raw.flush = (_kind, callback?: (error: Error) => void) => callback?.(error);
    const stream = create(raw, false);
    await expect(process(stream, [Buffer.from('ff', 'hex')])).rejects.toBe(error);
    expect(stream.usable).toBe(false);
  });

  it('uses what came before until it is reset', async () => {
    const stream = deflater();
    const data = Buffer.from('the quick brown fox jumps over the lazy dog');
    const first = await process(stream, [data]);
    const second = await process(stream, [data]);
    expect(second.length).toBeLessThan(first.length);
    stream.reset();
    expect(await process(stream, [data])).toEqual(first);
  });

  it('accepts output of just the limit', async () => {
    const compressed = deflateRawSync(Buffer.alloc(5000));
    const inflate = inflater();
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
    const stream = create(raw, immediate);
    const closed = once(raw, 'close');
    const bomb = deflateRawSync(Buffer.alloc(20 * 1024 * 1024));
    await expect(process(stream, [bomb, TAIL], limit)).rejects.toBeInstanceOf(OutputTooLongError);
    await closed;
    // What was inflated at once is not told by the stream.
    expect(inflated).toBeGreaterThan(immediate ? 0 : limit);
    expect(inflated).toBeLessThanOrEqual(limit + chunkSize);
    expect(stream.usable).toBe(false);
  });

  it('is not usable after bad input, and tells zlib’s error', async () => {
    const stream = inflater();
    expect(stream.usable).toBe(true);
    await expect(process(stream, [Buffer.alloc(10, 0xff)])).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
    expect(stream.usable).toBe(false);
  });

  it('is not usable after a block with BFINAL set', async () => {
    const stream = inflater();
    const output = await process(stream, [deflateRawSync(Buffer.from('Hello')), Buffer.from([0]), TAIL]);
    expect(String(output)).toBe('Hello');
    expect(stream.usable).toBe(false);
  });

  it('calls back with an error, once, when it is closed during a job', async () => {
    const raw = createDeflateRaw();
    const stream = create(raw, immediate);
    const errors: Array<Error | null> = [];
    stream.process([Buffer.alloc(1_000_000)], Infinity, (error) => errors.push(error));
    stream.close();
    await once(raw, 'close');
    expect(errors).toEqual([new StreamClosedError()]);
    expect(errors[0]?.message).toBe('The deflate stream was closed while data was being processed');
  });

  it('can be closed when nothing is being done, and again', async () => {
    const raw = createDeflateRaw();
    const stream = create(raw, immediate);
    const closed = once(raw, 'close');
    stream.close();
    stream.close();
    await closed;
    expect(stream.usable).toBe(false);
  });
});

describe('what is put through at once', () => {
  it('is what is short', async () => {
    const deflate = create(createDeflateRaw(), true);
    expect(isAtOnce(deflate, [Buffer.alloc(MAX_IMMEDIATE_BYTES)])).toBe(true);
    expect(isAtOnce(create(createDeflateRaw(), true), [Buffer.alloc(MAX_IMMEDIATE_BYTES + 1)])).toBe(false);
    expect(isAtOnce(create(createDeflateRaw(), false), [Buffer.alloc(1)])).toBe(false);
    await nextTurn();
  });

  it('is noise too, which gets longer', async () => {
    const noise = Buffer.from(
      Array.from({ length: MAX_IMMEDIATE_BYTES }, (_, i) => (i * 2_654_435_761) >>> 23),
    );
    for (const level of [0, 1, 6, 9]) {
      expect(isAtOnce(create(createDeflateRaw({ level }), true), [noise])).toBe(true);
    }
    await nextTurn();
  });

  it('is not a message that gets long; the rest goes through the thread pool', async () => {
    const data = Buffer.alloc(1_000_000, 'abc');
    const bomb = await process(create(createDeflateRaw(), false), [data]);
    expect(bomb.length).toBeLessThan(MAX_IMMEDIATE_BYTES);
    const inflate = create(createInflateRaw(), true);
    for (let i = 0; i < 2; i++) {
      const inflated = process(inflate, [bomb.subarray(0, -4), TAIL]);
      expect((await inflated).equals(data)).toBe(true);
      inflate.reset();
    }
  });

  it('ends for this turn when all together put too much through', async () => {
    await nextTurn();
    const data = Buffer.alloc(MAX_IMMEDIATE_BYTES, 'x');
    const compressed = deflateRawSync(data);
    const streams = Array.from({ length: 20 }, () => create(createInflateRaw(), true));
    const atOnce = streams.filter((stream) => isAtOnce(stream, [compressed, TAIL])).length;
    expect(atOnce).toBe(Math.floor(IMMEDIATE_BYTES_PER_TURN / MAX_IMMEDIATE_BYTES));
    await nextTurn();
    expect(isAtOnce(create(createInflateRaw(), true), [compressed, TAIL])).toBe(true);
  });

  it.each([
    ['brings no output', Buffer.alloc(0xf000, Buffer.of(0, 0, 0, 0xff, 0xff))],
    ['is no deflate stream', Buffer.alloc(0xf000, 0xff)],
  ])('ends for this turn also by input that %s', async (_what, input) => {
    await nextTurn();
    const streams = Array.from({ length: 20 }, () => create(createInflateRaw(), true));
    const atOnce = streams.filter((stream) => isAtOnce(stream, [input])).length;
    expect(atOnce).toBe(Math.ceil(IMMEDIATE_BYTES_PER_TURN / (4 * 0xf000 + 0x200)));
    await nextTurn();
  });

  it('is an error of zlib', () => {
    const calls: Array<Error | null> = [];
    create(createInflateRaw(), true).process([Buffer.alloc(10, 0xff)], Infinity, (error) =>
      calls.push(error),
    );
    expect(calls).toMatchObject([{ code: 'Z_DATA_ERROR' }]);
  });

  it('is output that is too long', () => {
    const calls: Array<Error | null> = [];
    const compressed = deflateRawSync(Buffer.alloc(1000));
    create(createInflateRaw(), true).process([compressed, TAIL], 999, (error) => calls.push(error));
    expect(calls).toEqual([new OutputTooLongError()]);
  });
});

it('refuses a job while another is in progress, which would end the process', async () => {
  const stream = create(createDeflateRaw(), true);
  const first = process(stream, [Buffer.alloc(MAX_IMMEDIATE_BYTES + 1)]);
  expect(() => stream.process([Buffer.from('x')], Infinity, () => {})).toThrow('A job is in progress');
  expect((await first).length).toBeGreaterThan(0);
});

describe('the thread pool', () => {
  it('is for as many at a time as the limiter says, in turn, without those that were closed meanwhile', async () => {
    const one = new ConcurrencyLimiter(1);
    const done: string[] = [];
    const start = (name: string): [ZlibStream, Promise<void>] => {
      const stream = new ZlibStream(createDeflateRaw(), one, false);
      onTestFinished(() => stream.close());
      const ended = new Promise<void>((resolve) => {
        stream.process([Buffer.from(name)], Infinity, (error) => {
          done.push(error === null ? name : `${name} closed`);
          resolve();
        });
      });
      return [stream, ended];
    };
    const jobs = ['first', 'second', 'third'].map(start);
    jobs[1]![0].close();
    expect(done).toEqual(['second closed']);
    await Promise.all(jobs.map(([, ended]) => ended));
    expect(done).toEqual(['second closed', 'first', 'third']);
  });
});

/** Level 0 only wraps, in blocks as long as there was room for in the output: they refer to nothing before them. */
function contentOf(compressed: Buffer, level: number): Buffer {
  return level === 0 ? inflateRawSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH }) : compressed;
}

describe('both ways', () => {
  const text = fc.string({ maxLength: 300 }).map((value) => Buffer.from(value));
  const long = fc.nat({ max: 200_000 }).map((length) => Buffer.alloc(length, 'harbour'));
  const jobs = fc.array(
    fc.record({
      pieces: fc.array(fc.oneof({ weight: 8, arbitrary: text }, long), { minLength: 1, maxLength: 3 }),
      reset: fc.boolean(),
    }),
    { maxLength: 6 },
  );

  it('compress to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 0, max: 9 }), async (list, level) => {
        const streams = [true, false].map((immediate) => create(createDeflateRaw({ level }), immediate));
        for (const { pieces, reset } of list) {
          const [a, b] = await Promise.all(streams.map((stream) => process(stream, pieces)));
          expect(contentOf(a!, level).equals(contentOf(b!, level))).toBe(true);
          if (reset) for (const stream of streams) stream.reset();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('inflate to the same bytes or the same error, whatever comes', async () => {
    const broken = fc.record({ at: fc.nat({ max: 400 }), value: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(jobs, fc.option(broken), fc.boolean(), async (list, fault, final) => {
        const streams = [true, false].map((immediate) => create(createInflateRaw(), immediate));
        for (const { pieces } of list) {
          const data = Buffer.concat(pieces);
          const compressed = deflateRawSync(data, final ? {} : { finishFlush: 2 });
          if (fault !== null && fault.at < compressed.length) compressed[fault.at] = fault.value;
          const results = streams.map((stream) =>
            process(stream, [compressed, TAIL], 150_000).catch((error: Error) => error),
          );
          const [a, b] = await Promise.all(results);
          expect(describeResult(a!)).toEqual(describeResult(b!));
          expect(streams[0]!.usable).toBe(streams[1]!.usable);
          if (!streams[0]!.usable) return;
        }
      }),
      { numRuns: 200 },
    );
  });

  function describeResult(result: Buffer | Error): string {
    return result instanceof Error ? `${result.name}: ${result.message}` : result.toString('latin1');
  }
});
