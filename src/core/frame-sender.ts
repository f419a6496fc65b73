import type { BackPressure } from './back-pressure.ts';
import type { Compression } from './compression.ts';
import { messageDropped, peerTooSlow } from './errors.ts';
import { callAll, FrameBatch } from './frame-batch.ts';
import { FIN_BIT, RSV1_BIT, serializeFrame } from './frame-serializer.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Payload, SendCallback, SendOptions, UnreadPayload } from './message-payload.ts';
import { BINARY, CLOSE, CONTINUATION, type MessageOpcode } from './opcode.ts';
import type { Allocate } from './payload-memory.ts';
import { continuesMessage, isData, type QueuedFrame, SendQueue } from './send-queue.ts';
import { type PayloadSource, StreamedPayload } from './streamed-payload.ts';

const NO_BYTES = new Uint8Array(0);

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
  #waitsFor: 'room' | 'reading' | 'compression' | 'source' = 'room';
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

  /** Sends a message in fragments, each as soon as there is room for it; what is sent after it waits for its end. */
  sendStream(source: PayloadSource, options: SendOptions, callback: SendCallback): void {
    const { mask } = options;
    const compress = this.#isCompressed(Number.POSITIVE_INFINITY, options);
    if (this.#takes !== 'all') callback(this.#whyRefused());
    else if (this.#fragments !== undefined) callback(new Error('A message in fragments is being sent'));
    else {
      const payload = new StreamedPayload(source);
      this.#enqueue({ firstByte: FIN_BIT | BINARY, payload, mask, compress, callback });
    }
  }

  /**
   * Drops the message with this callback, if it waits and is not being prepared: the callback gets `error`, at the next
   * flush. A streamed message that has begun can't be taken back: the connection fails.
   */
  drop(callback: SendCallback, error: Error): void {
    const queue = this.#queue;
    const first = queue?.first;
    if (queue === undefined || first === undefined) return;
    if (first.callback === callback && this.#hasBegun(first)) {
      if (isStreamed(first.payload)) this.#failWith(error);
    } else if (queue.drop(callback)) {
      this.#callAtNextFlush(callback, error);
      this.#writer.flushSoon();
      if (queue.first !== first && this.#waitsFor === 'source') this.#advance(queue);
    }
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
   * Drops the messages that wait for room, or for a source, because the connection fails: the Close frame goes before them, and after it
   * nothing may be sent (RFC 6455 §5.5.1). Their callbacks get `error` at the next flush.
   */
  dropWaiting(error: Error): void {
    if (this.#queue !== undefined && (this.#waitsFor === 'room' || this.#isStreaming))
      this.#refuseMessages(error);
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
    if (this.#queue === undefined) return true;
    return opcode !== CLOSE && (this.#waitsFor === 'room' || this.#isStreaming);
  }

  /** Whether the first of the queue is a message in pieces. */
  get #isStreaming(): boolean {
    return isStreamed(this.#queue?.first?.payload);
  }

  /** Whether the first of the queue can't be taken back any more. */
  #hasBegun({ payload }: QueuedFrame): boolean {
    return isStreamed(payload) ? payload.begun : this.#waitsFor !== 'room';
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
      const dropped = queue.dropOldest(this.#waitsFor !== 'room' || this.#isStreaming);
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
    this.#failWith(error, callback);
  }

  /** Fails the connection for `error`, which all get that wait, and then `callback`. */
  #failWith(error: Error, callback?: SendCallback): void {
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
      } else if (isStreamed(first.payload)) {
        return this.#pullFirst(queue, first.payload);
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

  /** Asks the first message that waits for its next piece, and goes on with it later. */
  #pullFirst(queue: SendQueue, stream: StreamedPayload): void {
    this.#waitsFor = 'source';
    stream.next((error, piece) => {
      if (this.#isOver(queue) || queue.first?.payload !== stream) return;
      if (error) return this.#endStream(queue, stream, error);
      const fin = piece === undefined;
      if (!queue.first.compress) return this.#writePiece(queue, stream, piece ?? NO_BYTES, fin);
      this.#compression!.compress(piece ?? NO_BYTES, fin, (fault, compressed) => {
        if (this.#isOver(queue)) return;
        if (fault) this.#fail(fault);
        else this.#writePiece(queue, stream, compressed!, fin);
      });
    });
  }

  #writePiece(queue: SendQueue, stream: StreamedPayload, bytes: Uint8Array, fin: boolean): void {
    const { mask, compress, callback } = queue.first!;
    if (fin) queue.shift();
    this.#write(stream.nextFirstByte(fin, compress), bytes, mask, fin ? callback : undefined);
    this.#advance(queue);
  }

  /** Ends a message whose source has failed: one that has begun can only end with the connection. */
  #endStream(queue: SendQueue, { begun }: StreamedPayload, error: Error): void {
    if (begun) return this.#failWith(error);
    this.#callAtNextFlush(queue.shift().callback, error);
    this.#writer.flushSoon();
    this.#advance(queue);
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
      source: 'a stream was being sent',
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

function isBytes(payload: QueuedFrame['payload']): payload is Uint8Array {
  return ArrayBuffer.isView(payload);
}

function isStreamed(payload: QueuedFrame['payload'] | undefined): payload is StreamedPayload {
  return payload instanceof StreamedPayload;
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
