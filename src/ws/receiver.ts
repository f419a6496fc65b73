import { Writable } from 'node:stream';
import { asBinaryType } from '../api/binary-type.ts';
import { asWsError } from '../api/ws-error.ts';
import { type Compression, Protocol, type ProtocolEvents, type Transport } from '../core/index.ts';
import { limitOf } from './limit.ts';
import type { PerMessageDeflate } from './permessage-deflate.ts';

export interface ReceiverOptions {
  /** Whether several events may come in one tick: default `true`. */
  readonly allowSynchronousEvents?: boolean | undefined;
  /** How binary messages are handed over: default `nodebuffer`. */
  readonly binaryType?: 'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob' | undefined;
  /** What was negotiated, by the extension's name. */
  readonly extensions?: ReceiverExtensions | undefined;
  /** Whether this end is the server: default `false`. */
  readonly isServer?: boolean | undefined;
  /** The most chunks held back for an incomplete frame: an int32, 0 for no limit, which is the default. */
  readonly maxBufferedChunks?: number | undefined;
  /** The most frames of a message: an int32, 0 for no limit, which is the default. */
  readonly maxFragments?: number | undefined;
  /** The longest message, after inflating, in bytes: an int32, 0 for no limit, which is the default. */
  readonly maxPayload?: number | undefined;
  /** Whether text and close reasons that are not UTF-8 are passed through: default `false`. */
  readonly skipUTF8Validation?: boolean | undefined;
}

export interface ReceiverExtensions {
  readonly 'permessage-deflate'?: PerMessageDeflate | undefined;
}

/**
 * Reads the frames of a peer, in the shape of the class of `ws`: bytes are written to it, and it emits 'message' (data,
 * isBinary), 'ping' and 'pong' (Buffer), and 'conclude' (code, reason) for a Close frame, which ends it. A fault of the
 * peer is its 'error'.
 */
export class Receiver extends Writable {
  readonly #protocol: Protocol;
  #fault: Error | undefined;

  constructor(options: ReceiverOptions = {}) {
    super();
    const binaryType = options.binaryType ?? 'nodebuffer';
    const deflate = options.extensions?.['permessage-deflate'];
    this.#protocol = new Protocol(
      options.isServer ? 'server' : 'client',
      {
        maxPayload: limitOf(options.maxPayload),
        checkUtf8: !options.skipUTF8Validation,
        maxFragments: limitOf(options.maxFragments),
        maxBufferedChunks: limitOf(options.maxBufferedChunks),
        autoPong: false,
        deferEvent: (options.allowSynchronousEvents ?? true) ? undefined : setImmediate,
        compression: deflate && inflaterOf(deflate),
        generateMaskingKey: () => 0,
        allocate: Buffer.allocUnsafeSlow,
      },
      NOWHERE,
      this.#events(binaryType),
    );
    this.#protocol.keepFragments = binaryType === 'fragments';
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.#protocol.receive(chunk);
    this.#protocol.whenReceived(() => callback(this.#fault));
  }

  #events(binaryType: NonNullable<ReceiverOptions['binaryType']>): ProtocolEvents {
    return {
      onMessage: (data, isBinary, fragmentEnds) => {
        const buffer = data as Buffer;
        this.emit('message', isBinary ? asBinaryType(buffer, binaryType, fragmentEnds) : buffer, isBinary);
      },
      onPing: (payload) => this.emit('ping', payload),
      onPong: (payload) => this.emit('pong', payload),
      onClose: (code, reason) => {
        this.emit('conclude', code, reason);
        this.end();
      },
      onError: (error) => {
        this.#fault = asWsError(error);
      },
    };
  }
}

/** The answers of the protocol: a receiver sends none. */
const NOWHERE: Transport = {
  destroyed: false,
  full: false,
  write: (_bytes, callback) => callback?.(),
  flushSoon: () => {},
  queued: () => {},
  pauseReading: () => {},
  resumeReading: () => {},
  end: () => {},
  destroy: () => {},
};

function inflaterOf(deflate: PerMessageDeflate): Compression {
  return {
    worthwhile: (length) => deflate.worthwhile(length),
    compress: (payload, fin, callback) => deflate.compress(payload, fin, callback),
    inflate: (payload, fin, maxLength, callback) => deflate.decompress(payload, fin, callback, maxLength),
  };
}
