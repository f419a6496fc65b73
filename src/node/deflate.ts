import { createDeflateRaw, createInflateRaw, type ZlibOptions } from 'node:zlib';
import { type Compression, type CompressionCallback, ProtocolError, type Role } from '../core/index.ts';
import type { DeflateParameters } from '../handshake/deflate-offer.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { DeflateDirection, type StreamSource } from './deflate-direction.ts';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { type DeflateSharing, deflateStreamOptions, TAIL, withoutTail } from './shared-deflate.ts';
import { SpareStreams } from './spare-streams.ts';
import { OutputTooLongError, ZlibStream } from './zlib-stream.ts';

/** How messages are compressed, beside what is negotiated. */
export interface DeflateTuning {
  /** Messages of fewer bytes go uncompressed, when no context is kept between messages: default 1024. */
  readonly threshold?: number | undefined;
  /** How many messages are in zlib's threads at a time, over all connections: default 10. The first value set counts. */
  readonly concurrencyLimit?: number | undefined;
  /** For zlib; by default a window of 13 bits, where no smaller one is agreed, and a memLevel of 6. */
  readonly zlibDeflateOptions?: ZlibOptions | undefined;
  readonly zlibInflateOptions?: ZlibOptions | undefined;
}

export const DEFAULT_THRESHOLD_BYTES = 1024;
export const DEFAULT_CONCURRENCY_LIMIT = 10;

/** The tuning of those who set none: they share streams. */
export const DEFAULT_TUNING: DeflateTuning = {};

/** zlib makes raw deflate streams with windows of 512 bytes and more only. */
const MIN_DEFLATE_WINDOW_BITS = 9;

let limiter: ConcurrencyLimiter | undefined;

/** The spare streams of each tuning, by what else makes a stream. */
const sparesOf = new WeakMap<DeflateTuning, Map<string, SpareStreams>>();

/** permessage-deflate of one connection over node:zlib (RFC 7692 §7). */
export class PerMessageDeflate implements Compression {
  readonly #tuning: DeflateTuning;
  readonly #immediate: boolean;
  readonly #deflateWindowBits: number;
  readonly #inflateWindowBits: number;
  readonly #deflateKeepsContext: boolean;
  readonly #inflateKeepsContext: boolean;
  /** Made for the first message. */
  #deflate: DeflateDirection | undefined;
  #inflate: DeflateDirection | undefined;
  #closed = false;

  /** @param fastPath - What the user set: with it short messages go through zlib at once. */
  constructor(role: Role, parameters: DeflateParameters, tuning: DeflateTuning, fastPath?: boolean) {
    const server = { bits: parameters.serverMaxWindowBits, keeps: !parameters.serverNoContextTakeover };
    const client = { bits: parameters.clientMaxWindowBits, keeps: !parameters.clientNoContextTakeover };
    const [own, peer] = role === 'server' ? [server, client] : [client, server];
    this.#tuning = tuning;
    this.#immediate = fastPathAllowed(fastPath);
    this.#deflateWindowBits = own.bits;
    this.#inflateWindowBits = peer.bits;
    this.#deflateKeepsContext = own.keeps;
    this.#inflateKeepsContext = peer.keeps;
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
    this.#deflate ??= this.#open(this.#deflateSource());
    this.#deflate.process([payload], fin, Number.POSITIVE_INFINITY, (error, output) => {
      if (error) callback(error);
      else callback(null, fin ? withoutTail(output!) : output!);
    });
  }

  inflate(payload: Uint8Array, fin: boolean, maxLength: number, callback: CompressionCallback): void {
    this.#inflate ??= this.#open(this.#inflateSource());
    this.#inflate.process(fin ? [payload, TAIL] : [payload], fin, maxLength, (error, output) => {
      if (error) callback(this.#closed ? error : asProtocolError(error));
      else callback(null, output!);
    });
  }

  /** Frees zlib's memory. What is in zlib at the time, or waits for it, ends with an error. */
  close(): void {
    this.#closed = true;
    this.#deflate?.close();
    this.#inflate?.close();
  }

  #open(source: StreamSource): DeflateDirection {
    const direction = new DeflateDirection(source);
    if (this.#closed) direction.close();
    return direction;
  }

  #deflateSource(): StreamSource {
    const [tuning, immediate, windowBits] = [this.#tuning, this.#immediate, this.#deflateWindowBits];
    const options = deflateStreamOptions({ windowBits, options: tuning.zlibDeflateOptions });
    const create = (): ZlibStream => new ZlibStream(createDeflateRaw(options), limiterOf(tuning), immediate);
    if (this.#deflateKeepsContext) return { own: create };
    return { spare: spareStreams(tuning, `deflate ${windowBits} ${immediate}`, create) };
  }

  #inflateSource(): StreamSource {
    const [tuning, immediate, windowBits] = [this.#tuning, this.#immediate, this.#inflateWindowBits];
    const options = { ...tuning.zlibInflateOptions, windowBits };
    const create = (): ZlibStream => new ZlibStream(createInflateRaw(options), limiterOf(tuning), immediate);
    if (this.#inflateKeepsContext) return { own: create };
    return { spare: spareStreams(tuning, `inflate ${windowBits} ${immediate}`, create) };
  }
}

function limiterOf({ concurrencyLimit = DEFAULT_CONCURRENCY_LIMIT }: DeflateTuning): ConcurrencyLimiter {
  limiter ??= new ConcurrencyLimiter(concurrencyLimit);
  return limiter;
}

/** Returns the spare streams of `kind` for all connections with the same tuning. */
function spareStreams(tuning: DeflateTuning, kind: string, create: () => ZlibStream): SpareStreams {
  const kinds = sparesOf.get(tuning) ?? new Map<string, SpareStreams>();
  const streams = kinds.get(kind) ?? new SpareStreams(create);
  sparesOf.set(tuning, kinds.set(kind, streams));
  return streams;
}

function asProtocolError(error: Error): ProtocolError {
  return error instanceof OutputTooLongError
    ? new ProtocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', error.message)
    : new ProtocolError('Z_DATA_ERROR', error.message, { cause: error });
}
