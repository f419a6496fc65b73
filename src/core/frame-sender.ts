import type { BackPressure } from './back-pressure.ts';
import type { Compression } from './compression.ts';
import { messageDropped, peerTooSlow } from './errors.ts';
import { callAll, FrameBatch } from './frame-batch.ts';
import { FIN_BIT, RSV1_BIT, serializeFrame } from './frame-serializer.ts';
import { CLOSE, CONTINUATION, type MessageOpcode } from './opcode.ts';
import type { Allocate } from './payload-memory.ts';
import { continuesMessage, isData, type QueuedFrame, SendQueue } from './send-queue.ts';

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
  /** Whether it has enough: messages wait until `writeOn` is called; control frames do not. */
  readonly full: boolean;
  write(bytes: Uint8Array, callback?: SendCallback): unknown;
  /** Asks for a call of `flush`, now or at the end of this turn: frames wait for it. */
  flushSoon(): void;
  /** Hears that something waits in the sender, for room or to be prepared. */
  queued(): void;
  /** Hears that a message was dropped, by {@link BackPressure.slowPeer}. */
  dropped?(): void;
}

const NO_LIMITS = { maxBufferedBytes: Number.POSITIVE_INFINITY, slowPeer: 'wait' } as const;

/** Frames with at most this many bytes of payload are put together; what is longer is written as it is. */
const MAX_COPIED_PAYLOAD_BYTES = 4096;

/** What short payloads share; Node's own blocks are as large. */
const MAX_SHARED_BLOCK_BYTES = 8192;

/** Turns messages and control frames into bytes, in the order in which they were sent. */
export class FrameSender {
  readonly #writer: FrameWriter;
  readonly #compression: Compression | undefined;
  readonly #generateMaskingKey: () => number;
  readonly #allocate: Allocate;
  readonly #onSendError: (error: Error) => void;
  readonly #limits: Pick<BackPressure, 'maxBufferedBytes' | 'slowPeer'>;
  readonly #batch: FrameBatch;
  /** What waits: the first frame for something, those behind for their turn; `undefined` when nothing does. */
  #queue: SendQueue | undefined;
  /** What the first of the queue waits for. */
  #waitsFor: 'room' | 'reading' | 'compression' = 'room';
  /** After a failure only control frames are taken, after {@link abort} nothing. */
  #takes: 'all' | 'control' | 'nothing' = 'all';
  /** What callbacks get that come too late; made when the first one is to get it. */
  #refusal: Error | undefined;
  /** What becomes of the message being sent in fragments; `undefined` between messages. */
  #fragments: 'plain' | 'compressed' | 'dropped' | undefined;
  #droppedMessages = 0;
  #onSent: (() => void) | undefined;
  /** What is called at the next flush, outside of the call that is the reason for it. */
  #atFlush: Array<() => void> | undefined;

  constructor(
    writer: FrameWriter,
    compression: Compression | undefined,
    generateMaskingKey: () => number,
    allocate: Allocate,
    onSendError: (error: Error) => void,
    limits: Pick<BackPressure, 'maxBufferedBytes' | 'slowPeer'> = NO_LIMITS,
  ) {
    this.#writer = writer;
    this.#compression = compression;
    this.#generateMaskingKey = generateMaskingKey;
    this.#allocate = allocate;
    this.#onSendError = onSendError;
    this.#limits = limits;
    this.#batch = new FrameBatch(allocate, writer);
  }

  /** Payload bytes that wait for room, or to be read or compressed, and frames that wait for a flush. */
  get queuedBytes(): number {
    return (this.#queue?.payloadBytes ?? 0) + this.#batch.length;
  }

  /** How many messages were dropped because too much waited. */
  get droppedMessages(): number {
    return this.#droppedMessages;
  }

  /** Writes the frames that wait for company. */
  flush(): void {
    this.#batch.flush();
    if (this.#atFlush !== undefined) this.#callAtFlush();
  }

  /** Goes on with what waits for room: the writer has some again. */
  writeOn(): void {
    if (this.#queue !== undefined && this.#waitsFor === 'room') this.#advance(this.#queue);
  }

  /** Calls back once nothing waits in the queue any more: at once when nothing does, never after {@link abort}. */
  whenSent(callback: () => void): void {
    if (this.#queue === undefined) callback();
    else this.#onSent = callback;
  }

  /** Sends a message, or the next fragment of the one begun with `fin: false`. */
  sendMessage(opcode: MessageOpcode, payload: Payload, options: SendOptions, callback?: SendCallback): void {
    const first = this.#fragments === undefined;
    const compress = first ? this.#isCompressed(payload.length, options) : this.#fragments === 'compressed';
    const dropped = this.#fragments === 'dropped';
    if (options.fin) this.#fragments = undefined;
    else if (first) this.#fragments = compress ? 'compressed' : 'plain';
    if (dropped) return this.#callDropped(callback);
    // RFC 7692 §6.1: RSV1 is set on the first fragment only.
    const firstByte =
      (options.fin ? FIN_BIT : 0) | (first && compress ? RSV1_BIT : 0) | (first ? opcode : CONTINUATION);
    this.#send(firstByte, payload, options.mask, compress, callback);
  }

  /** Sends a control frame; `payload` is at most 125 bytes long. It goes before messages that wait for room. */
  sendControl(opcode: number, payload: Payload, mask: boolean, callback?: SendCallback): void {
    const firstByte = FIN_BIT | opcode;
    if (this.#takes === 'nothing') {
      callback?.(this.#whyRefused());
    } else if (isBytes(payload) && this.#overtakes(opcode)) {
      this.#write(firstByte, payload, mask, callback);
    } else {
      this.#enqueue({ firstByte, payload, mask, compress: false, callback });
    }
  }

  /** Sends the frames of a message that were serialized before; they wait their turn like others. */
  sendFrames(frames: readonly Uint8Array[], callback?: SendCallback): void {
    if (frames.length === 1) this.#send(undefined, frames[0]!, false, false, callback);
    else if (this.#takes === 'all' && this.#writesNow) this.#writeAll(frames, callback);
    // Nothing may come between them.
    else this.#send(undefined, concat(frames, this.#allocate), false, false, callback);
  }

  /**
   * Drops the messages that wait for room, because the connection fails: the Close frame goes before them, and after it
   * nothing may be sent (RFC 6455 §5.5.1). Their callbacks get `error` at the next flush.
   */
  dropWaiting(error: Error): void {
    if (this.#queue !== undefined && this.#waitsFor === 'room') this.#refuseMessages(error);
  }

  /**
   * Drops what waits: the callbacks get `error`, in order. Nothing is written from now on.
   *
   * @param error - By default that the stream was closed meanwhile, in the words of `ws`.
   */
  abort(error?: Error): void {
    this.#takes = 'nothing';
    this.#refusal = error ?? (this.#queue === undefined ? undefined : this.#closedError());
    const queue = this.#queue;
    this.#queue = undefined;
    // What is with the writer already hears of its end from there.
    this.#batch.flush();
    for (const { callback } of queue?.clear() ?? []) this.#callAtNextFlush(callback, this.#whyRefused());
    this.#callAtFlush();
  }

  get #writesNow(): boolean {
    return this.#queue === undefined && !this.#writer.full;
  }

  /** RFC 6455 §5.4: pings and pongs may be between the frames of a message; a Close frame ends all that was sent before. */
  #overtakes(opcode: number): boolean {
    return this.#queue === undefined || (this.#waitsFor === 'room' && opcode !== CLOSE);
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
    if (this.#takes !== 'all') {
      callback?.(this.#whyRefused());
    } else if (!compress && this.#writesNow && isBytes(payload)) {
      this.#write(firstByte, payload, mask, callback);
    } else {
      this.#enqueue({ firstByte, payload, mask, compress, callback });
    }
  }

  #enqueue(frame: QueuedFrame): void {
    if (this.#queue === undefined) {
      this.#queue = new SendQueue();
      this.#queue.push(this.#kept(frame));
      this.#advance(this.#queue);
      if (this.#queue === undefined) return;
    } else if (this.#admits(this.#queue, frame)) {
      this.#queue.push(this.#kept(frame));
    }
    this.#writer.queued();
  }

  /**
   * What waits keeps no memory beside its own; and what a client sends is the caller's again, as it is when it is masked
   * at once.
   */
  #kept(frame: QueuedFrame): QueuedFrame {
    const { payload, mask, compress } = frame;
    if (!isBytes(payload) || !((mask && !compress) || isSmallPart(payload))) return frame;
    return { ...frame, payload: concat([payload], this.#allocate) };
  }

  /** Decides whether a frame may wait behind others. */
  #admits(queue: SendQueue, frame: QueuedFrame): boolean {
    const { maxBufferedBytes, slowPeer } = this.#limits;
    if (slowPeer === 'wait' || !isData(frame) || queue.hasRoomFor(frame, maxBufferedBytes)) return true;
    if (slowPeer === 'close') this.#failSlowPeer(frame);
    else if (slowPeer === 'drop-oldest') return this.#makeRoom(queue, frame, maxBufferedBytes);
    else if (continuesMessage(frame)) return true;
    else this.#dropNewest(frame);
    return false;
  }

  #makeRoom(queue: SendQueue, frame: QueuedFrame, maxBytes: number): true {
    while (!queue.hasRoomFor(frame, maxBytes)) {
      const dropped = queue.dropOldest(this.#waitsFor !== 'room');
      if (dropped.length === 0) break;
      this.#countDropped();
      for (const { callback } of dropped) this.#callDropped(callback);
    }
    return true;
  }

  #dropNewest({ callback }: QueuedFrame): void {
    this.#countDropped();
    // Fragments that follow belong to it.
    if (this.#fragments !== undefined) this.#fragments = 'dropped';
    this.#callDropped(callback);
  }

  #countDropped(): void {
    this.#droppedMessages++;
    this.#writer.dropped?.();
  }

  #failSlowPeer({ callback }: QueuedFrame): void {
    const error = peerTooSlow();
    this.#refuseMessages(error);
    this.#callAtNextFlush(callback, error);
    this.#callAtNextFlush(() => this.#onSendError(error), error);
    this.#writer.flushSoon();
  }

  #refuseMessages(error: Error): void {
    this.#takes = 'control';
    this.#refusal = error;
    const frames = this.#queue!.clear();
    this.#queue = undefined;
    for (const frame of frames) {
      const { payload, callback, mask } = frame;
      if (isData(frame) || !isBytes(payload)) this.#callAtNextFlush(callback, error);
      else this.#write(frame.firstByte, payload, mask, callback);
    }
    this.#writer.flushSoon();
  }

  #callDropped(callback: SendCallback | undefined): void {
    if (callback === undefined) return;
    this.#callAtNextFlush(callback, messageDropped());
    this.#writer.flushSoon();
  }

  /** A caller's callback may send again: not inside of its call. */
  #callAtNextFlush(callback: SendCallback | undefined, error: Error): void {
    if (callback === undefined) return;
    this.#atFlush ??= [];
    this.#atFlush.push(() => callback(error));
  }

  #callAtFlush(): void {
    const calls = this.#atFlush ?? [];
    this.#atFlush = undefined;
    callAll(calls, undefined);
  }

  /** Writes what waits, up to a frame that has to wait on. */
  #advance(queue: SendQueue): void {
    // A callback of a write may have called abort(), which has told the rest.
    while (this.#queue === queue) {
      const { first } = queue;
      if (first === undefined) {
        this.#queue = undefined;
        this.#onSent?.();
      } else if (this.#writer.full && isData(first)) {
        this.#waitsFor = 'room';
        return;
      } else if (!isBytes(first.payload)) {
        return this.#readFirst(queue, first.payload);
      } else if (first.compress) {
        if (!this.#compressFirst(queue, first.payload)) return;
      } else {
        this.#writeFirst(queue, first.payload);
      }
    }
  }

  /** Reads the payload of the first frame that waits, later, and goes on with it and with those behind. */
  #readFirst(queue: SendQueue, payload: UnreadPayload): void {
    this.#waitsFor = 'reading';
    payload.read((error, bytes) => {
      if (this.#isOver(queue)) return;
      if (error) return this.#fail(error);
      if (!queue.first!.compress) this.#writeFirst(queue, bytes!);
      else if (!this.#compressFirst(queue, bytes!)) return;
      this.#advance(queue);
    });
  }

  /** Compresses the first frame that waits; returns whether it is written already, otherwise goes on later. */
  #compressFirst(queue: SendQueue, bytes: Uint8Array): boolean {
    const fin = (queue.first!.firstByte! & FIN_BIT) !== 0;
    let [written, later] = [false, false];
    this.#waitsFor = 'compression';
    this.#compression!.compress(bytes, fin, (error, compressed) => {
      if (this.#isOver(queue)) return;
      if (error) return this.#fail(error);
      this.#writeFirst(queue, compressed!);
      written = true;
      if (later) this.#advance(queue);
    });
    later = true;
    return written;
  }

  /** Whether nobody waits any more: abort() has told the callbacks, or will when the stream tells its end. */
  #isOver(queue: SendQueue): boolean {
    return this.#queue !== queue || this.#writer.destroyed;
  }

  #fail(error: Error): void {
    this.abort(error);
    this.#onSendError(error);
  }

  #whyRefused(): Error {
    this.#refusal ??= new Error('The socket was closed while data was being compressed');
    return this.#refusal;
  }

  #closedError(): Error {
    const what = {
      room: 'data was waiting to be written',
      reading: 'the blob was being read',
      compression: 'data was being compressed',
    }[this.#waitsFor];
    return new Error(`The socket was closed while ${what}`);
  }

  /** Writes the first frame that waits; `bytes` is its payload as it goes out. */
  #writeFirst(queue: SendQueue, bytes: Uint8Array): void {
    const { firstByte, mask, callback } = queue.shift();
    this.#write(firstByte, bytes, mask, callback);
  }

  #writeAll(frames: readonly Uint8Array[], callback: SendCallback | undefined): void {
    frames.forEach((frame, i) => {
      this.#write(undefined, frame, false, i === frames.length - 1 ? callback : undefined);
    });
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

/** Whether bytes are a small part of their memory, and that is no block which short ones share. */
function isSmallPart({ length, buffer }: Uint8Array): boolean {
  return buffer.byteLength > MAX_SHARED_BLOCK_BYTES && length < buffer.byteLength / 4;
}

function concat(pieces: readonly Uint8Array[], allocate: Allocate): Uint8Array {
  const whole = allocate(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
