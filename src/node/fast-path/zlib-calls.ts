import type { DeflateRaw, InflateRaw } from 'node:zlib';

/** What Node has in its zlib streams, as far as it is used here. */
interface ZlibInternals {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputLength: number,
      output: Uint8Array,
      outputStart: number,
      outputLength: number,
    ): void;
  };
  /** Where a call leaves how much of the output's room, and of the input, it did not use. */
  readonly _writeState: Uint32Array;
  /** Where output of the thread pool goes, and where in it the free part begins. */
  _outBuffer: Uint8Array;
  _outOffset: number;
  readonly _chunkSize: number;
}

const NOTHING = new Uint8Array(0);

/** A stream of node:zlib, called so that the output is there when the call returns: without events or the thread pool. */
export class ZlibCalls {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #internals: ZlibInternals;

  private constructor(stream: DeflateRaw | InflateRaw, internals: ZlibInternals) {
    this.#stream = stream;
    this.#internals = internals;
    this.freeOutput();
  }

  /** Returns the calls of `stream`; `undefined` where Node's internals are others. */
  static of(stream: DeflateRaw | InflateRaw): ZlibCalls | undefined {
    return hasInternals(stream) ? new ZlibCalls(stream, stream) : undefined;
  }

  /** Makes the output buffer that the stream itself needs. */
  makeOutput(): void {
    this.#internals._outBuffer = Buffer.allocUnsafe(this.#internals._chunkSize);
    this.#internals._outOffset = 0;
  }

  /** Frees the stream's output buffer, 16 KiB by default. A thread must not be writing to it. */
  freeOutput(): void {
    this.#internals._outBuffer = NOTHING;
  }

  /** How many bytes of the last call's input were not taken. */
  get inputLeft(): number {
    return this.#internals._writeState[1]!;
  }

  /** How many bytes of room the last call left in the output. */
  get roomLeft(): number {
    return this.#internals._writeState[0]!;
  }

  /**
   * Puts `input` through, and what comes out into `output` from `start` on.
   *
   * @param flush - One of zlib's flush values.
   * @throws {Error} zlib's own, such as that of bad data; the stream is of no use any more.
   */
  putThrough(flush: number, input: Uint8Array, output: Uint8Array, start: number): void {
    this.#internals._handle.writeSync(flush, input, 0, input.length, output, start, output.length - start);
    if (this.#stream.errored !== null) throw this.#stream.errored;
  }
}

function hasInternals(stream: object): stream is ZlibInternals {
  const { _handle, _writeState, _outBuffer, _outOffset, _chunkSize } = stream as Partial<ZlibInternals>;
  return (
    typeof _handle?.writeSync === 'function' &&
    _writeState instanceof Uint32Array &&
    _outBuffer instanceof Uint8Array &&
    typeof _outOffset === 'number' &&
    typeof _chunkSize === 'number'
  );
}
