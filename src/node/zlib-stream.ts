import { constants, type DeflateRaw, InflateRaw } from 'node:zlib';
import type { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { ZlibCalls } from './fast-path/zlib-calls.ts';
import { allocateBuffer } from './payload-memory.ts';
import { TurnBudget } from './turn-budget.ts';

export type ZlibCallback = (error: Error | null, output?: Buffer) => void;

interface Job {
  readonly maxLength: number;
  readonly callback: ZlibCallback;
  readonly chunks: Buffer[];
  length: number;
  /** Leaves the thread pool to others; `undefined` when the job is not there. */
  leave: (() => void) | undefined;
}

/** The output of a job got longer than it may. */
export class OutputTooLongError extends Error {
  constructor() {
    super('Max payload size exceeded');
  }
}

/** The stream was closed before the job was done; the words are those of `ws`. */
export class StreamClosedError extends Error {
  constructor() {
    super('The deflate stream was closed while data was being processed');
  }
}

/** As much input, and as much output, is worth less time than a way through the thread pool (bench/micro.mts). */
export const MAX_IMMEDIATE_BYTES = 0x1_0000;

/** What all streams may put through at once in a turn of the event loop: some 5 ms of compressing. */
export const IMMEDIATE_BYTES_PER_TURN = 0x10_0000;

/** What a call counts for beside its output. */
const CALL_COST_BYTES = 0x200;

/**
 * What a byte that is inflated counts for at least: blocks with nothing in them bring no output, and take as long as a
 * dozen times their length of it.
 */
const INFLATED_BYTE_COST = 4;
/** Input that zlib cannot compress gets longer, by less than this (deflateBound of zlib.h). */
const MAX_EXPANSION_BYTES = 0x400;

const NOTHING = new Uint8Array(0);

const budget = new TurnBudget(IMMEDIATE_BYTES_PER_TURN);

/** Where output goes first, of all streams: made when it is needed. */
let scratch: Buffer | undefined;

/** A raw deflate or inflate stream of node:zlib that is given one piece of data after the other. */
export class ZlibStream {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #limiter: ConcurrencyLimiter;
  /** `undefined`: everything goes through the thread pool. */
  readonly #calls: ZlibCalls | undefined;
  /** What a byte of input counts for. */
  readonly #byteCost: number;
  #job: Job | undefined;
  /** `ended`: after a block with BFINAL set (RFC 7692 §7.2.3.4). */
  #state: 'usable' | 'ended' | 'failed' = 'usable';

  /**
   * @param limiter - How many are in the thread pool at a time.
   * @param immediate - Whether short pieces may be put through at once, where Node's internals allow it.
   */
  constructor(stream: DeflateRaw | InflateRaw, limiter: ConcurrencyLimiter, immediate: boolean) {
    this.#stream = stream;
    this.#limiter = limiter;
    this.#calls = immediate ? ZlibCalls.of(stream) : undefined;
    this.#byteCost = stream instanceof InflateRaw ? INFLATED_BYTE_COST : 0;
    stream.on('data', (chunk: Buffer) => this.#collect(chunk));
    stream.on('error', (error) => this.#fail(error));
  }

  /** Whether it can take more. */
  get usable(): boolean {
    return this.#state === 'usable' && !this.#stream.readableEnded;
  }

  /**
   * Puts `input` through and calls back, at once or later, with what comes out up to a sync flush; one job at a time.
   *
   * @param maxLength - More bytes of output than that end the job with an {@link OutputTooLongError}, at once.
   */
  process(input: readonly Uint8Array[], maxLength: number, callback: ZlibCallback): void {
    // zlib would end the process.
    if (this.#job !== undefined) throw new Error('A job is in progress');
    const job: Job = { maxLength, callback, chunks: [], length: 0, leave: undefined };
    this.#job = job;
    const length = lengthOf(input);
    const now = this.#calls !== undefined && !budget.spent && length <= MAX_IMMEDIATE_BYTES;
    const rest = now ? this.#processNow(this.#calls!, input, length * this.#byteCost) : input;
    if (rest !== undefined) this.#processInPool(job, rest);
  }

  /** Forgets the history: what comes next can be inflated on its own. */
  reset(): void {
    this.#stream.reset();
  }

  /** Frees zlib's memory; a job in progress calls back with a {@link StreamClosedError}. */
  close(): void {
    this.#fail(new StreamClosedError());
  }

  /** Puts `input` through; returns what is left of it when there is too much output, `undefined` when the job is done. */
  #processNow(calls: ZlibCalls, input: readonly Uint8Array[], cost: number): Uint8Array[] | undefined {
    budget.take(CALL_COST_BYTES + cost);
    scratch ??= Buffer.allocUnsafeSlow(MAX_IMMEDIATE_BYTES + MAX_EXPANSION_BYTES);
    try {
      return this.#write(calls, input, scratch, cost);
    } catch (error) {
      this.#fail(error as Error);
      return undefined;
    }
  }

  /** @param paid - How much output its input counted for. */
  #write(
    calls: ZlibCalls,
    input: readonly Uint8Array[],
    output: Buffer,
    paid: number,
  ): Uint8Array[] | undefined {
    const last = input.length - 1;
    let length = 0;
    for (let i = 0; i <= last; i++) {
      const piece = input[i]!;
      // zlib takes two flushes in a row with nothing between for one.
      if (i === last && piece.length === 0) calls.putThrough(constants.Z_NO_FLUSH, NOTHING, output, length);
      calls.putThrough(i === last ? constants.Z_SYNC_FLUSH : constants.Z_NO_FLUSH, piece, output, length);
      length = output.length - calls.roomLeft;
      if (calls.roomLeft === 0) return this.#handOver(output, piece, calls.inputLeft, input.slice(i + 1));
      // What follows a final block is nothing to zlib.
      if (calls.inputLeft > 0) {
        this.#state = 'ended';
        break;
      }
    }
    budget.take(Math.max(0, length - paid));
    this.#finishNow(output, length);
    return undefined;
  }

  /** Keeps what came out so far, and returns what is still to be put in. */
  #handOver(output: Buffer, piece: Uint8Array, left: number, others: Uint8Array[]): Uint8Array[] {
    budget.take(output.length);
    this.#collect(Buffer.from(output));
    return [piece.subarray(piece.length - left), ...others];
  }

  #finishNow(output: Buffer, length: number): void {
    if (length > this.#job!.maxLength) return this.#fail(new OutputTooLongError());
    const own = allocateBuffer(length);
    output.copy(own, 0, 0, length);
    this.#end(null, own);
  }

  #processInPool(job: Job, input: readonly Uint8Array[]): void {
    this.#limiter.run((leave) => {
      if (this.#job !== job) return leave();
      job.leave = leave;
      this.#calls?.makeOutput();
      for (const piece of input) this.#stream.write(piece);
      // Deno's zlib calls this with the error before it tells 'error'; Node's doesn't call it then.
      this.#stream.flush(constants.Z_SYNC_FLUSH, (error?: Error | null) =>
        error ? this.#fail(error) : this.#finishInPool(),
      );
    });
  }

  #collect(chunk: Buffer): void {
    const job = this.#job;
    if (job === undefined) return;
    job.length += chunk.length;
    if (job.length > job.maxLength) this.#fail(new OutputTooLongError());
    else job.chunks.push(chunk);
  }

  #finishInPool(): void {
    if (this.#job === undefined) return;
    const { chunks, length } = this.#job;
    // Not after a failure: a thread may still be writing there.
    this.#calls?.freeOutput();
    this.#end(null, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
  }

  #fail(error: Error): void {
    this.#state = 'failed';
    this.#stream.close();
    this.#end(error);
  }

  #end(error: Error | null, output?: Buffer): void {
    const job = this.#job;
    this.#job = undefined;
    job?.leave?.();
    job?.callback(error, output);
  }
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
