import type { ZlibStream } from './zlib-stream.ts';

/** As many streams are kept for the next message; at most as many are busy at a time as messages are in zlib. */
const MAX_SPARE = 10;

/** Streams of the same kind that keep nothing between messages: a connection has one for the time of a message. */
export class SpareStreams {
  readonly #create: () => ZlibStream;
  readonly #spare: ZlibStream[] = [];

  constructor(create: () => ZlibStream) {
    this.#create = create;
  }

  take(): ZlibStream {
    return this.#spare.pop() ?? this.#create();
  }

  /** Takes back a stream that is usable, and forgets what went through it. */
  giveBack(stream: ZlibStream): void {
    stream.reset();
    if (this.#spare.length < MAX_SPARE) this.#spare.push(stream);
    else stream.close();
  }
}
