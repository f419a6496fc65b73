import { asWsError } from '../api/ws-error.ts';
import type { CompressionCallback } from '../core/index.ts';
import {
  agreedParameters,
  answerDeflateOffer,
  checkAcceptedParameters,
  chooseDeflateOffer,
  type DeflateHeaderParameters,
  type DeflateNegotiationOptions,
  deflateOffer,
  EXTENSION_NAME,
  readDeflateParameters,
} from '../handshake/deflate-offer.ts';
import { ConcurrencyLimiter } from '../node/concurrency-limiter.ts';
import { PerMessageDeflate as DeflateEngine, type DeflateTuning } from '../node/deflate.ts';
import { limitOf } from './limit.ts';

export interface PerMessageDeflateOptions extends DeflateNegotiationOptions, DeflateTuning {
  /** Whether this end is the server: default `false`. */
  readonly isServer?: boolean | undefined;
  /** The most bytes that a call of `decompress` may give: an int32, 0 for no limit, which is the default. */
  readonly maxPayload?: number | undefined;
}

/** One offer, or a response, as `extension.parse` reads it: each parameter once, in a list. */
export type DeflateConfiguration = Record<string, ReadonlyArray<string | number | true>>;

/** permessage-deflate of one connection (RFC 7692), in the shape of the class that `ws` exports. */
export class PerMessageDeflate {
  static get extensionName(): string {
    return EXTENSION_NAME;
  }

  /** What was accepted; `null` until then. */
  params: DeflateHeaderParameters | null = null;
  readonly #options: PerMessageDeflateOptions;
  readonly #role: 'client' | 'server';
  readonly #maxLength: number;
  // The engine takes one call at a time each way.
  readonly #compressing = new ConcurrencyLimiter(1);
  readonly #decompressing = new ConcurrencyLimiter(1);
  #engine: DeflateEngine | undefined;

  constructor(options?: PerMessageDeflateOptions | null) {
    this.#options = options ?? {};
    this.#role = this.#options.isServer ? 'server' : 'client';
    this.#maxLength = limitOf(this.#options.maxPayload);
  }

  /** Returns the parameters of a client's offer, for `extension.format`. */
  offer(): DeflateHeaderParameters {
    return deflateOffer(this.#options);
  }

  /**
   * Accepts the first of a client's offers that the options allow, or a server's response.
   *
   * @param configurations - As `extension.parse` reads them. Window bits become numbers in them.
   * @returns The accepted one, the object itself, with what the options say over it.
   * @throws {Error} A parameter is unknown, there twice, or not allowed by the options; a TypeError for a wrong value.
   */
  accept(configurations: readonly DeflateConfiguration[]): DeflateHeaderParameters {
    const read = configurations.map((configuration) => this.#read(configuration));
    const [accepted, response] = this.#role === 'server' ? this.#chooseOf(read) : this.#check(read[0]!);
    this.params = replaceContent(accepted, response);
    return this.params;
  }

  /**
   * Compresses a message or a fragment of one, after those before it.
   *
   * @param fin - Whether it is the message's last.
   */
  compress(data: Uint8Array | string, fin: boolean, callback: CompressionCallback): void {
    const engine = this.#accepted;
    inTurn(this.#compressing, callback, (next) => {
      engine.compress(typeof data === 'string' ? Buffer.from(data) : data, fin, next);
    });
  }

  /**
   * Inflates a message or a fragment of one, after those before it.
   *
   * @param fin - Whether it is the message's last.
   * @param callback - Gets zlib's error for bad data, and a RangeError above `maxPayload`.
   * @param maxLength - A further limit of the same kind.
   */
  decompress(
    data: Uint8Array,
    fin: boolean,
    callback: CompressionCallback,
    maxLength = Number.POSITIVE_INFINITY,
  ): void {
    const engine = this.#accepted;
    const limit = Math.min(maxLength, this.#maxLength);
    inTurn(this.#decompressing, callback, (next) => {
      engine.inflate(data, fin, limit, (error, output) => next(error && asWsError(error), output));
    });
  }

  /** Tells whether a message whose first fragment has `length` bytes is to be compressed. */
  worthwhile(length: number): boolean {
    return this.#accepted.worthwhile(length);
  }

  /** Frees zlib's memory; calls that are under way call back with an error. */
  cleanup(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.close();
  }

  get #accepted(): DeflateEngine {
    const { concurrencyLimit, zlibDeflateOptions, ...tuning } = this.#options;
    this.#engine ??= new DeflateEngine(
      this.#role,
      agreedParameters(this.params!),
      {
        ...tuning,
        // The defaults of zlib, and always the window that was agreed.
        zlibDeflateOptions: { memLevel: 8, ...zlibDeflateOptions, windowBits: 15 },
        // 0 is no limit here.
        concurrencyLimit: concurrencyLimit === undefined ? undefined : concurrencyLimit || Infinity,
      },
      // Callbacks are called later, as those of `ws`.
      false,
    );
    return this.#engine;
  }

  /** Reads a configuration, and leaves in it what was read. */
  #read(configuration: DeflateConfiguration): DeflateHeaderParameters {
    const list = Object.entries(configuration).flatMap(([name, values]) =>
      values.map((value) => ({ name, value: value === true || String(value) })),
    );
    return replaceContent(configuration, readDeflateParameters(list, this.#role));
  }

  #chooseOf(offers: readonly DeflateHeaderParameters[]): [DeflateHeaderParameters, DeflateHeaderParameters] {
    const offer = chooseDeflateOffer(offers, this.#options);
    return [offer, answerDeflateOffer(offer, this.#options)];
  }

  #check(response: DeflateHeaderParameters): [DeflateHeaderParameters, DeflateHeaderParameters] {
    return [response, checkAcceptedParameters(response, this.#options)];
  }
}

function inTurn(
  turns: ConcurrencyLimiter,
  callback: CompressionCallback,
  run: (next: CompressionCallback) => void,
): void {
  turns.run((done) =>
    run((error, output) => {
      try {
        callback(error, output);
      } finally {
        done();
      }
    }),
  );
}

/** Callers compare the very object that they gave. */
function replaceContent(target: object, content: DeflateHeaderParameters): DeflateHeaderParameters {
  for (const name of Object.keys(target)) {
    if (!Object.hasOwn(content, name)) Reflect.deleteProperty(target, name);
  }
  return Object.assign(target, content);
}
