import type { SpareStreams } from './spare-streams.ts';
import { StreamClosedError, type ZlibCallback, type ZlibStream } from './zlib-stream.ts';

/** Where the streams of a direction come from: its own, as it keeps a context between messages, or spare ones. */
export type StreamSource = { readonly own: () => ZlibStream } | { readonly spare: SpareStreams };

/** One direction of permessage-deflate on a connection: messages go through zlib one after the other. */
export class DeflateDirection {
  readonly #source: StreamSource;
  /** Made, or taken, when there is something to process. */
  #stream: ZlibStream | undefined;
  #closed = false;

  constructor(source: StreamSource) {
    this.#source = source;
  }

  /** Does what {@link ZlibStream.process} does, for a fragment of a message; `fin` when it is the last. */
  process(input: readonly Uint8Array[], fin: boolean, maxLength: number, callback: ZlibCallback): void {
    if (this.#closed) return callback(new StreamClosedError());
    this.#stream ??= 'own' in this.#source ? this.#source.own() : this.#source.spare.take();
    const stream = this.#stream;
    stream.process(input, maxLength, (error, output) => {
      this.#release(stream, fin);
      callback(error, output);
    });
  }

  /** Frees zlib's memory; what is in progress ends with a {@link StreamClosedError}. */
  close(): void {
    this.#closed = true;
    this.#stream?.close();
  }

  #release(stream: ZlibStream, fin: boolean): void {
    if (stream.usable && (!fin || 'own' in this.#source)) return;
    this.#stream = undefined;
    if (!stream.usable) stream.close();
    else if ('spare' in this.#source) this.#source.spare.giveBack(stream);
  }
}
