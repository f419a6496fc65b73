import { BINARY, type MessageOpcode, type PayloadSource, TEXT } from '../core/index.ts';
import { isText, type SendData, toBytes } from './payload.ts';

/** A part of a message: text, or bytes. */
export type StreamChunk = Exclude<SendData, Blob>;

/** What a message is read from: a Readable, a ReadableStream, a generator, an array. */
export type StreamSource = AsyncIterable<StreamChunk> | Iterable<StreamChunk>;

/** A chunk that is longer goes out in frames of this many bytes: pings and pongs go between them. */
const MAX_FRAGMENT_BYTES = 0x1_0000;

type Answer = Parameters<PayloadSource['next']>[0];

/** Told of a source at its end: the message is whole. */
type OnWhole = (isBinary: boolean, bytes: number) => void;

/** Reads the pieces of a message from what can be iterated over. */
export class OutgoingStream implements PayloadSource {
  readonly #chunks: AsyncIterator<StreamChunk> | Iterator<StreamChunk>;
  #binary: boolean | undefined;
  /** What is left of the last chunk. */
  #rest: Uint8Array | undefined;
  #over = false;
  /** What the chunks had so far. */
  #bytes = 0;
  readonly #onWhole: OnWhole;

  /**
   * @param binary - Whether it is a binary message; by default one whose first chunk is no string.
   * @param onWhole - Called at the end of the source, unless it was let go of.
   * @throws {TypeError} `source` can't be iterated over.
   */
  constructor(source: StreamSource, binary: boolean | undefined, onWhole: OnWhole) {
    this.#chunks = iteratorOf(source);
    this.#binary = binary;
    this.#onWhole = onWhole;
  }

  get opcode(): MessageOpcode {
    return (this.#binary ?? true) ? BINARY : TEXT;
  }

  next(callback: Answer): void {
    // Out of the promise: what the callbacks of the sent throw must not become a rejection.
    this.#next().then(
      (piece) => process.nextTick(callback, undefined, piece),
      (error) => process.nextTick(callback, asError(error)),
    );
  }

  /** Lets go of the source, unless it is at its end. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    // What it says to that changes nothing any more.
    Promise.resolve(this.#chunks.return?.()).catch(() => {});
  }

  async #next(): Promise<Uint8Array | undefined> {
    // An empty fragment says nothing, and peers may count them.
    while (this.#rest === undefined || this.#rest.length === 0) {
      const chunk = await this.#pull();
      if (chunk === undefined) return undefined;
      this.#rest = chunk;
    }
    const piece = this.#rest.subarray(0, MAX_FRAGMENT_BYTES);
    this.#rest = this.#rest.subarray(MAX_FRAGMENT_BYTES);
    return piece;
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#chunks.next();
      if (done) {
        this.#end();
        return undefined;
      }
      this.#binary ??= !isText(value);
      const bytes = toBytes(value);
      this.#bytes += bytes.length;
      return bytes;
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onWhole(this.opcode === BINARY, this.#bytes);
  }
}

function iteratorOf(source: StreamSource): AsyncIterator<StreamChunk> | Iterator<StreamChunk> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return source[Symbol.iterator]();
  }
  throw new TypeError('The source of a message must be iterable, with for-await or for');
}

/** A source may throw anything. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The source of a message failed', { cause: error });
}
