import { frameHeaderLength, writeFrameHeader } from './frame-serializer.ts';
import { applyMask } from './masking.ts';
import type { SendCallback } from './message-payload.ts';
import type { Allocate } from './payload-memory.ts';

/** Memory is drawn in blocks of this many bytes, which all connections write into, one behind the other. */
const BLOCK_BYTES = 0x1_0000;

/** Up to this many bytes are copied to where there is room behind them; more are written by themselves. */
const MAX_MOVED_BYTES = 0x4000;

/** Up to this many bytes a loop is faster than `set`. */
const LOOP_MAX_BYTES = 12;

const NO_BLOCK = new Uint8Array(0);

/** The block in use, and where it is free. What was handed out stays as it is until nobody holds the block. */
let block: Uint8Array = NO_BLOCK;
let blockEnd = 0;

/** Where batches go. */
export interface BatchWriter {
  /** Returns true when the bytes are out already: their memory is free again. */
  write(bytes: Uint8Array, callback?: SendCallback): unknown;
}

/** Frames that leave together: they are written into one piece of memory, one behind the other. */
export class FrameBatch {
  readonly #allocate: Allocate;
  readonly #writer: BatchWriter;
  /** Where its frames are: an empty batch holds no block, which others share. */
  #block: Uint8Array = NO_BLOCK;
  #start = 0;
  #end = 0;
  /** Where its place ends. */
  #limit = 0;
  #callbacks: SendCallback[] | undefined;

  /** @param writer - Takes what {@link flush} hands over; the memory is the taker's, unless it says otherwise. */
  constructor(allocate: Allocate, writer: BatchWriter) {
    this.#allocate = allocate;
    this.#writer = writer;
  }

  /** Bytes that have not been handed over. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds a frame with a copy of `payload`, masked with `maskingKey` where there is one. It fits in a block. */
  append(
    firstByte: number,
    payload: Uint8Array,
    maskingKey: number | undefined,
    callback: SendCallback | undefined,
  ): void {
    const { length } = payload;
    this.#reserve(frameHeaderLength(length, maskingKey !== undefined) + length);
    const at = writeFrameHeader(this.#block, this.#end, firstByte, length, maskingKey);
    copy(payload, this.#block, at);
    this.#end = at + length;
    if (maskingKey !== undefined) applyMask(this.#block, at, this.#end, maskingKey, 0);
    if (callback !== undefined) this.#callWhenWritten(callback);
  }

  /** Adds a copy of a frame that was serialized before. It fits in a block. */
  appendFrame(frame: Uint8Array, callback: SendCallback | undefined): void {
    this.#reserve(frame.length);
    copy(frame, this.#block, this.#end);
    this.#end += frame.length;
    if (callback !== undefined) this.#callWhenWritten(callback);
  }

  /** Adds the header of a frame whose payload is written by itself. */
  appendHeader(firstByte: number, payloadLength: number): void {
    this.#reserve(frameHeaderLength(payloadLength, false));
    this.#end = writeFrameHeader(this.#block, this.#end, firstByte, payloadLength, undefined);
  }

  /** Hands over what was added since the last time. */
  flush(): void {
    if (this.#start === this.#end) return;
    const [from, start, end, limit] = [this.#block, this.#start, this.#end, this.#limit];
    const callback = this.#takeCallbacks();
    this.#block = NO_BLOCK;
    this.#start = this.#end = this.#limit = 0;
    const isFree = this.#writer.write(from.subarray(start, end), callback) === true;
    // What was added meanwhile, by this batch or by another, is behind it.
    if (isFree && from === block && limit === blockEnd) blockEnd = start;
  }

  #takeCallbacks(): SendCallback | undefined {
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (callbacks === undefined || callbacks.length === 1) return callbacks?.[0];
    return (error) => callAll(callbacks, error);
  }

  #callWhenWritten(callback: SendCallback): void {
    this.#callbacks ??= [];
    this.#callbacks.push(callback);
  }

  /** Sees to `length` bytes behind what was added. */
  #reserve(length: number): void {
    const end = this.#end + length;
    if (end <= this.#limit) return;
    if (this.#block === block && this.#limit === blockEnd && end <= block.length) {
      this.#limit = end;
      blockEnd = end;
      return;
    }
    // It goes on elsewhere: a short one takes along what it has, so that it still leaves as one.
    if (this.length > MAX_MOVED_BYTES) this.flush();
    this.#move(length);
  }

  #move(length: number): void {
    const taken = this.#block.subarray(this.#start, this.#end);
    const needed = taken.length + length;
    if (blockEnd + needed > block.length) {
      block = this.#allocate(BLOCK_BYTES);
      blockEnd = 0;
    }
    block.set(taken, blockEnd);
    this.#block = block;
    this.#start = blockEnd;
    this.#end = blockEnd + taken.length;
    // Where others write in between it would have to move for each frame.
    const room = taken.length > 0 ? needed * 2 : needed;
    this.#limit = Math.min(blockEnd + room, block.length);
    blockEnd = this.#limit;
  }
}

function copy(source: Uint8Array, target: Uint8Array, at: number): void {
  const { length } = source;
  if (length > LOOP_MAX_BYTES) {
    target.set(source, at);
    return;
  }
  for (let i = 0; i < length; i++) target[at + i] = source[i]!;
}

/** Calls all of them, also when one throws. */
export function callAll(callbacks: readonly SendCallback[], error: Error | undefined, from = 0): void {
  let next = from;
  try {
    while (next < callbacks.length) {
      const callback = callbacks[next++]!;
      // Without an error it is called without an argument, as with `ws`.
      if (error) callback(error);
      else callback();
    }
  } finally {
    if (next < callbacks.length) callAll(callbacks, error, next);
  }
}
