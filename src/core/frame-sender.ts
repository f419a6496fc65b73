import type { Compression } from './compression.ts';
import {
  FIN_BIT,
  frameHeaderLength,
  RSV1_BIT,
  serializeFrame,
  writeFrameHeader,
} from './frame-serializer.ts';
import { CONTINUATION, type MessageOpcode } from './opcode.ts';
import type { Allocate } from './payload-buffer.ts';

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

/** Where frames go; `bytes` are the transport's from the call on. */
export interface FrameWriter {
  write(bytes: Uint8Array, callback?: SendCallback): void;
}

interface QueuedFrame {
  /** FIN, RSV1 and opcode; `undefined` when `payload` is a frame already. */
  readonly firstByte: number | undefined;
  readonly payload: Uint8Array;
  readonly mask: boolean;
  readonly compress: boolean;
  readonly callback: SendCallback | undefined;
}

/** A payload of at most this many bytes is copied behind its header; a longer one is written as it is. */
const MAX_COPIED_PAYLOAD_BYTES = 2048;

/** Turns messages and control frames into bytes, in the order in which they were sent. */
export class FrameSender {
  readonly #writer: FrameWriter;
  readonly #compression: Compression | undefined;
  readonly #generateMaskingKey: () => number;
  readonly #allocate: Allocate;
  readonly #onCompressionError: (error: Error) => void;
  /** Frames that wait for the compression of those before them; `undefined` when nothing is being compressed. */
  #queue: QueuedFrame[] | undefined;
  #queuedBytes = 0;
  #aborted: Error | undefined;
  /** Whether the message being sent in fragments is compressed; `undefined` between messages. */
  #fragmentsCompressed: boolean | undefined;

  constructor(
    writer: FrameWriter,
    compression: Compression | undefined,
    generateMaskingKey: () => number,
    allocate: Allocate,
    onCompressionError: (error: Error) => void,
  ) {
    this.#writer = writer;
    this.#compression = compression;
    this.#generateMaskingKey = generateMaskingKey;
    this.#allocate = allocate;
    this.#onCompressionError = onCompressionError;
  }

  /** Payload bytes that wait for compression, their own or that of a message before them. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sends a message, or the next fragment of the one begun with `fin: false`. */
  sendMessage(
    opcode: MessageOpcode,
    payload: Uint8Array,
    options: SendOptions,
    callback?: SendCallback,
  ): void {
    const first = this.#fragmentsCompressed === undefined;
    const compress = this.#fragmentsCompressed ?? this.#isCompressed(payload.length, options);
    this.#fragmentsCompressed = options.fin ? undefined : compress;
    // RFC 7692 §6.1: RSV1 is set on the first fragment only.
    const firstByte =
      (options.fin ? FIN_BIT : 0) | (first && compress ? RSV1_BIT : 0) | (first ? opcode : CONTINUATION);
    this.#send({ firstByte, payload, mask: options.mask, compress, callback });
  }

  /** Sends a control frame; `payload` is at most 125 bytes long. */
  sendControl(opcode: number, payload: Uint8Array, mask: boolean, callback?: SendCallback): void {
    this.#send({ firstByte: FIN_BIT | opcode, payload, mask, compress: false, callback });
  }

  /** Sends frames that were serialized before; they wait their turn like others. */
  sendFrames(frames: readonly Uint8Array[], callback?: SendCallback): void {
    frames.forEach((payload, i) => {
      const last = i === frames.length - 1;
      this.#send({
        firstByte: undefined,
        payload,
        mask: false,
        compress: false,
        callback: last ? callback : undefined,
      });
    });
  }

  /** Drops what waits: the callbacks get `error`, in order. Nothing is written from now on. */
  abort(error: Error): void {
    this.#aborted = error;
    const queue = this.#queue;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    for (const frame of queue ?? []) frame.callback?.(error);
  }

  #isCompressed(length: number, options: SendOptions): boolean {
    return options.compress && (this.#compression?.worthwhile(length) ?? false);
  }

  #send(frame: QueuedFrame): void {
    if (this.#aborted !== undefined) {
      frame.callback?.(this.#aborted);
    } else if (this.#queue !== undefined) {
      this.#queue.push(frame);
      this.#queuedBytes += frame.payload.length;
    } else if (frame.compress) {
      this.#queue = [frame];
      this.#queuedBytes += frame.payload.length;
      this.#compressFirst(this.#queue);
    } else {
      this.#write(frame, frame.payload);
    }
  }

  #compressFirst(queue: QueuedFrame[]): void {
    const frame = queue[0]!;
    const fin = (frame.firstByte! & FIN_BIT) !== 0;
    this.#compression!.compress(frame.payload, fin, (error, compressed) => {
      // abort() has already told the callbacks.
      if (this.#queue !== queue) return;
      if (error) {
        this.abort(error);
        this.#onCompressionError(error);
      } else {
        this.#shift(queue);
        this.#write(frame, compressed!);
        this.#drain(queue);
      }
    });
  }

  /** Writes what waits up to the next frame that is to be compressed. */
  #drain(queue: QueuedFrame[]): void {
    while (this.#queue === queue && queue.length > 0 && !queue[0]!.compress) {
      const frame = this.#shift(queue);
      this.#write(frame, frame.payload);
    }
    // A callback of a write may have called abort(), which has told the rest.
    if (this.#queue !== queue) return;
    if (queue.length > 0) this.#compressFirst(queue);
    else this.#queue = undefined;
  }

  #shift(queue: QueuedFrame[]): QueuedFrame {
    const frame = queue.shift()!;
    this.#queuedBytes -= frame.payload.length;
    return frame;
  }

  #write(frame: QueuedFrame, payload: Uint8Array): void {
    if (frame.firstByte === undefined) {
      this.#writer.write(payload, frame.callback);
      return;
    }
    if (!frame.mask && payload.length > MAX_COPIED_PAYLOAD_BYTES) {
      const header = this.#allocate(frameHeaderLength(payload.length, false));
      writeFrameHeader(header, 0, frame.firstByte, payload.length, undefined);
      this.#writer.write(header);
      this.#writer.write(payload, frame.callback);
      return;
    }
    const key = frame.mask ? this.#generateMaskingKey() : undefined;
    this.#writer.write(serializeFrame(frame.firstByte, payload, key, this.#allocate), frame.callback);
  }
}
