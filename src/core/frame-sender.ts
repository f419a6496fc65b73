import type { Compression } from './compression.ts';
import { FrameBatch } from './frame-batch.ts';
import { FIN_BIT, RSV1_BIT, serializeFrame } from './frame-serializer.ts';
import { CONTINUATION, type MessageOpcode } from './opcode.ts';
import type { Allocate } from './payload-memory.ts';

/** Called without an error once the bytes are written out, with the error when they never will be. */
export type SendCallback = (error?: Error) => void;

export interface SendOptions {
  /** Whether this ends the message (RFC 6455 §5.4). */
  readonly fin: boolean;
  /** Whether to compress, where permessage-deflate was negotiated. */
  readonly compress: boolean;
  /** Whether to mask. */
  readonly mask: boolean;
}

/** A payload whose bytes have to be read first; they are when its turn comes. */
export interface UnreadPayload {
  /** In bytes. */
  readonly length: number;
  /** Calls back once, later. */
  read(callback: (error: Error | undefined, bytes?: Uint8Array) => void): void;
}

export type Payload = Uint8Array | UnreadPayload;

/** Where frames go; `bytes` are the transport's from the call on, unless it returns true: then they are out already. */
export interface FrameWriter {
  /** Whether the stream is gone: nothing that is written arrives any more. */
  readonly destroyed: boolean;
  write(bytes: Uint8Array, callback?: SendCallback): unknown;
  /** Asks for a call of {@link FrameSender.flush}, now or at the end of this turn: frames wait for it. */
  flushSoon(): void;
}

interface QueuedFrame {
  /** FIN, RSV1 and opcode; `undefined` when `payload` is a frame already. */
  readonly firstByte: number | undefined;
  readonly payload: Payload;
  readonly mask: boolean;
  readonly compress: boolean;
  readonly callback: SendCallback | undefined;
}

/** Frames with at most this many bytes of payload are put together; what is longer is written as it is. */
const MAX_COPIED_PAYLOAD_BYTES = 4096;

/** Turns messages and control frames into bytes, in the order in which they were sent. */
export class FrameSender {
  readonly #writer: FrameWriter;
  readonly #compression: Compression | undefined;
  readonly #generateMaskingKey: () => number;
  readonly #allocate: Allocate;
  readonly #onSendError: (error: Error) => void;
  readonly #batch: FrameBatch;
  /** The frame that is being read or compressed, and those behind it; `undefined` when nothing is. */
  #queue: QueuedFrame[] | undefined;
  /** Whether the first of the queue is being read. */
  #reading = false;
  #queuedBytes = 0;
  #aborted = false;
  /** What callbacks get after {@link abort}; made when the first one is to get it. */
  #abortError: Error | undefined;
  /** Whether the message being sent in fragments is compressed; `undefined` between messages. */
  #fragmentsCompressed: boolean | undefined;

  constructor(
    writer: FrameWriter,
    compression: Compression | undefined,
    generateMaskingKey: () => number,
    allocate: Allocate,
    onSendError: (error: Error) => void,
  ) {
    this.#writer = writer;
    this.#compression = compression;
    this.#generateMaskingKey = generateMaskingKey;
    this.#allocate = allocate;
    this.#onSendError = onSendError;
    this.#batch = new FrameBatch(allocate, writer);
  }

  /** Payload bytes that wait to be read or compressed, themselves or those before them, and frames that wait for a flush. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#batch.length;
  }

  /** Writes the frames that wait for company. */
  flush(): void {
    this.#batch.flush();
  }

  /** Sends a message, or the next fragment of the one begun with `fin: false`. */
  sendMessage(opcode: MessageOpcode, payload: Payload, options: SendOptions, callback?: SendCallback): void {
    const first = this.#fragmentsCompressed === undefined;
    const compress = this.#fragmentsCompressed ?? this.#isCompressed(payload.length, options);
    this.#fragmentsCompressed = options.fin ? undefined : compress;
    // RFC 7692 §6.1: RSV1 is set on the first fragment only.
    const firstByte =
      (options.fin ? FIN_BIT : 0) | (first && compress ? RSV1_BIT : 0) | (first ? opcode : CONTINUATION);
    this.#send(firstByte, payload, options.mask, compress, callback);
  }

  /** Sends a control frame; `payload` is at most 125 bytes long. */
  sendControl(opcode: number, payload: Payload, mask: boolean, callback?: SendCallback): void {
    this.#send(FIN_BIT | opcode, payload, mask, false, callback);
  }

  /** Sends frames that were serialized before; they wait their turn like others. */
  sendFrames(frames: readonly Uint8Array[], callback?: SendCallback): void {
    frames.forEach((frame, i) => {
      this.#send(undefined, frame, false, false, i === frames.length - 1 ? callback : undefined);
    });
  }

  /**
   * Drops what waits: the callbacks get `error`, in order. Nothing is written from now on.
   *
   * @param error - By default that the stream was closed meanwhile, in the words of `ws`.
   */
  abort(error?: Error): void {
    this.#aborted = true;
    this.#abortError = error;
    const queue = this.#queue;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    // What is with the writer already hears of its end from there.
    this.#batch.flush();
    for (const frame of queue ?? []) frame.callback?.(this.#whyAborted());
  }

  #isCompressed(length: number, options: SendOptions): boolean {
    return options.compress && (this.#compression?.worthwhile(length) ?? false);
  }

  #send(
    firstByte: number | undefined,
    payload: Payload,
    mask: boolean,
    compress: boolean,
    callback: SendCallback | undefined,
  ): void {
    if (this.#aborted) {
      callback?.(this.#whyAborted());
    } else if (this.#queue === undefined && !compress && isBytes(payload)) {
      this.#write(firstByte, payload, mask, callback);
    } else {
      this.#queuedBytes += payload.length;
      this.#enqueue({ firstByte, payload, mask, compress, callback });
    }
  }

  #enqueue(frame: QueuedFrame): void {
    if (this.#queue !== undefined) {
      this.#queue.push(frame);
    } else {
      this.#queue = [frame];
      this.#prepareFirst(this.#queue);
    }
  }

  /** Reads and compresses the first frame that waits, and goes on with those behind it. */
  #prepareFirst(queue: QueuedFrame[]): void {
    const { payload } = queue[0]!;
    if (isBytes(payload)) return this.#compressFirst(queue, payload);
    this.#reading = true;
    payload.read((error, bytes) => {
      if (this.#isOver(queue)) return;
      this.#reading = false;
      if (error) this.#fail(error);
      else if (queue[0]!.compress) this.#compressFirst(queue, bytes!);
      else this.#writeFirst(queue, bytes!);
    });
  }

  #compressFirst(queue: QueuedFrame[], bytes: Uint8Array): void {
    const fin = (queue[0]!.firstByte! & FIN_BIT) !== 0;
    this.#compression!.compress(bytes, fin, (error, compressed) => {
      if (this.#isOver(queue)) return;
      if (error) this.#fail(error);
      else this.#writeFirst(queue, compressed!);
    });
  }

  /** Whether nobody waits any more: abort() has told the callbacks, or will when the stream tells its end. */
  #isOver(queue: QueuedFrame[]): boolean {
    return this.#queue !== queue || this.#writer.destroyed;
  }

  #fail(error: Error): void {
    this.abort(error);
    this.#onSendError(error);
  }

  #whyAborted(): Error {
    this.#abortError ??= this.#closedError();
    return this.#abortError;
  }

  #closedError(): Error {
    const what = this.#reading ? 'the blob was being read' : 'data was being compressed';
    return new Error(`The socket was closed while ${what}`);
  }

  /** Writes the first frame that waits, and those behind it up to the next that has to be read or compressed. */
  #writeFirst(queue: QueuedFrame[], bytes: Uint8Array): void {
    this.#writeQueued(this.#shift(queue), bytes);
    // A callback of a write may have called abort(), which has told the rest.
    while (this.#queue === queue && queue.length > 0) {
      const { compress, payload } = queue[0]!;
      if (compress || !isBytes(payload)) return this.#prepareFirst(queue);
      this.#writeQueued(this.#shift(queue), payload);
    }
    if (this.#queue === queue) this.#queue = undefined;
  }

  #shift(queue: QueuedFrame[]): QueuedFrame {
    const frame = queue.shift()!;
    this.#queuedBytes -= frame.payload.length;
    return frame;
  }

  #writeQueued({ firstByte, mask, callback }: QueuedFrame, bytes: Uint8Array): void {
    this.#write(firstByte, bytes, mask, callback);
  }

  #write(
    firstByte: number | undefined,
    payload: Uint8Array,
    mask: boolean,
    callback: SendCallback | undefined,
  ): void {
    if (payload.length > MAX_COPIED_PAYLOAD_BYTES) {
      this.#writeLong(firstByte, payload, mask, callback);
      return;
    }
    const alone = this.#batch.length === 0;
    if (firstByte === undefined) this.#batch.appendFrame(payload, callback);
    else this.#batch.append(firstByte, payload, mask ? this.#generateMaskingKey() : undefined, callback);
    if (alone) this.#writer.flushSoon();
  }

  /** Writes what is not copied behind other frames: a long payload, or a long frame. */
  #writeLong(
    firstByte: number | undefined,
    payload: Uint8Array,
    mask: boolean,
    callback: SendCallback | undefined,
  ): void {
    if (firstByte !== undefined && mask) {
      this.#batch.flush();
      const frame = serializeFrame(firstByte, payload, this.#generateMaskingKey(), this.#allocate);
      this.#writer.write(frame, callback);
      return;
    }
    if (firstByte !== undefined) this.#batch.appendHeader(firstByte, payload.length);
    this.#batch.flush();
    this.#writer.write(payload, callback);
  }
}

function isBytes(payload: Payload): payload is Uint8Array {
  return ArrayBuffer.isView(payload);
}
