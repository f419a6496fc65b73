import { createDeflateRaw, createInflateRaw, type ZlibOptions } from 'node:zlib';
import { type Compression, type CompressionCallback, ProtocolError, type Role } from '../core/index.ts';
import type { DeflateParameters } from '../handshake/deflate-offer.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { type DeflateSharing, TAIL, withoutTail } from './shared-deflate.ts';
import { OutputTooLongError, StreamClosedError, ZlibStream } from './zlib-stream.ts';

/** How messages are compressed, beside what is negotiated. */
export interface DeflateTuning {
  /** Messages of fewer bytes go uncompressed, when no context is kept between messages: default 1024. */
  readonly threshold?: number | undefined;
  /** How many messages are in zlib at a time, over all connections: default 10. The first value set counts. */
  readonly concurrencyLimit?: number | undefined;
  readonly zlibDeflateOptions?: ZlibOptions | undefined;
  readonly zlibInflateOptions?: ZlibOptions | undefined;
}

export const DEFAULT_THRESHOLD_BYTES = 1024;
export const DEFAULT_CONCURRENCY_LIMIT = 10;

/** zlib makes raw deflate streams with windows of 512 bytes and more only. */
const MIN_DEFLATE_WINDOW_BITS = 9;

let limiter: ConcurrencyLimiter | undefined;

/** permessage-deflate of one connection over node:zlib (RFC 7692 §7). */
export class PerMessageDeflate implements Compression {
  readonly #tuning: DeflateTuning;
  readonly #deflateWindowBits: number;
  readonly #inflateWindowBits: number;
  readonly #deflateKeepsContext: boolean;
  readonly #inflateKeepsContext: boolean;
  readonly #limiter: ConcurrencyLimiter;
  #deflate: ZlibStream | undefined;
  #inflate: ZlibStream | undefined;
  #closed = false;

  constructor(role: Role, parameters: DeflateParameters, tuning: DeflateTuning) {
    const server = { bits: parameters.serverMaxWindowBits, keeps: !parameters.serverNoContextTakeover };
    const client = { bits: parameters.clientMaxWindowBits, keeps: !parameters.clientNoContextTakeover };
    const [own, peer] = role === 'server' ? [server, client] : [client, server];
    this.#tuning = tuning;
    this.#deflateWindowBits = own.bits;
    this.#inflateWindowBits = peer.bits;
    this.#deflateKeepsContext = own.keeps;
    this.#inflateKeepsContext = peer.keeps;
    limiter ??= new ConcurrencyLimiter(tuning.concurrencyLimit ?? DEFAULT_CONCURRENCY_LIMIT);
    this.#limiter = limiter;
  }

  worthwhile(length: number): boolean {
    // With a window of 256 bytes agreed, zlib's 512 would be too many for the peer: RFC 7692 §6 lets us send as is.
    if (this.#deflateWindowBits < MIN_DEFLATE_WINDOW_BITS) return false;
    return this.#deflateKeepsContext || length >= (this.#tuning.threshold ?? DEFAULT_THRESHOLD_BYTES);
  }

  /** How messages can be compressed for all connections like this one; `undefined` where a context is kept. */
  get sharing(): DeflateSharing | undefined {
    if (this.#deflateKeepsContext) return undefined;
    return { windowBits: this.#deflateWindowBits, options: this.#tuning.zlibDeflateOptions };
  }

  compress(payload: Uint8Array, fin: boolean, callback: CompressionCallback): void {
    this.#limiter.run((done) => {
      if (this.#closed) return this.#drop(done, callback);
      this.#deflate ??= this.#createDeflate();
      const stream = this.#deflate;
      stream.process([payload], Number.POSITIVE_INFINITY, (error, output) => {
        done();
        if (error) return callback(error);
        if (fin && !this.#deflateKeepsContext) stream.reset();
        callback(null, fin ? withoutTail(output!) : output!);
      });
    });
  }

  decompress(payload: Uint8Array, maxLength: number, callback: CompressionCallback): void {
    this.inflate(payload, true, maxLength, callback);
  }

  /** Inflates a fragment, to at most `maxLength` bytes; `fin` when it is the message's last. Errors as {@link decompress}. */
  inflate(payload: Uint8Array, fin: boolean, maxLength: number, callback: CompressionCallback): void {
    this.#limiter.run((done) => {
      if (this.#closed) return this.#drop(done, callback);
      this.#inflate ??= this.#createInflate();
      const stream = this.#inflate;
      stream.process(fin ? [payload, TAIL] : [payload], maxLength, (error, output) => {
        done();
        if (!stream.usable) this.#inflate = undefined;
        else if (fin && !this.#inflateKeepsContext) stream.reset();
        if (error) callback(this.#closed ? error : asProtocolError(error));
        else callback(null, output!);
      });
    });
  }

  /** Frees zlib's memory. What is in zlib at the time, or waits for it, ends with an error. */
  close(): void {
    this.#closed = true;
    this.#deflate?.close();
    this.#inflate?.close();
  }

  #drop(done: () => void, callback: CompressionCallback): void {
    done();
    callback(new StreamClosedError());
  }

  #createDeflate(): ZlibStream {
    const options = { ...this.#tuning.zlibDeflateOptions, windowBits: this.#deflateWindowBits };
    return new ZlibStream(createDeflateRaw(options));
  }

  #createInflate(): ZlibStream {
    const options = { ...this.#tuning.zlibInflateOptions, windowBits: this.#inflateWindowBits };
    return new ZlibStream(createInflateRaw(options));
  }
}

function asProtocolError(error: Error): ProtocolError {
  return error instanceof OutputTooLongError
    ? new ProtocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', error.message)
    : new ProtocolError('Z_DATA_ERROR', error.message, { cause: error });
}
