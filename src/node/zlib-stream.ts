import { constants, type DeflateRaw, type InflateRaw } from 'node:zlib';

export type ZlibCallback = (error: Error | null, output?: Buffer) => void;

interface Job {
  readonly maxLength: number;
  readonly callback: ZlibCallback;
  readonly chunks: Buffer[];
  length: number;
}

/** The output of a job got longer than it may. */
export class OutputTooLongError extends Error {}

/** The stream was closed before the job was done; the words are those of `ws`. */
export class StreamClosedError extends Error {
  constructor() {
    super('The deflate stream was closed while data was being processed');
  }
}

/** A raw deflate or inflate stream of node:zlib that is given one piece of data after the other. */
export class ZlibStream {
  readonly #stream: DeflateRaw | InflateRaw;
  #job: Job | undefined;
  #failed = false;

  constructor(stream: DeflateRaw | InflateRaw) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#collect(chunk));
    stream.on('error', (error) => this.#fail(error));
  }

  /** Whether it can take more: false after an error, and after a block with BFINAL set (RFC 7692 §7.2.3.4). */
  get usable(): boolean {
    return !this.#failed && !this.#stream.readableEnded;
  }

  /**
   * Puts `input` through and calls back with what comes out up to a sync flush; one job at a time.
   *
   * @param maxLength - More bytes of output than that end the job with an {@link OutputTooLongError}, at once.
   */
  process(input: readonly Uint8Array[], maxLength: number, callback: ZlibCallback): void {
    this.#job = { maxLength, callback, chunks: [], length: 0 };
    for (const piece of input) this.#stream.write(piece);
    // Deno's zlib calls this with the error before it tells 'error'; Node's doesn't call it then.
    this.#stream.flush(constants.Z_SYNC_FLUSH, (error?: Error | null) =>
      error ? this.#fail(error) : this.#finish(),
    );
  }

  /** Forgets the history: what comes next can be inflated on its own. */
  reset(): void {
    this.#stream.reset();
  }

  /** Frees zlib's memory; a job in progress calls back with a {@link StreamClosedError}. */
  close(): void {
    this.#fail(new StreamClosedError());
  }

  #collect(chunk: Buffer): void {
    const job = this.#job;
    if (job === undefined) return;
    job.length += chunk.length;
    if (job.length > job.maxLength) this.#fail(new OutputTooLongError('Max payload size exceeded'));
    else job.chunks.push(chunk);
  }

  #finish(): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#job = undefined;
    job.callback(null, job.chunks.length === 1 ? job.chunks[0]! : Buffer.concat(job.chunks, job.length));
  }

  #fail(error: Error): void {
    const job = this.#job;
    this.#job = undefined;
    this.#failed = true;
    this.#stream.close();
    job?.callback(error);
  }
}
