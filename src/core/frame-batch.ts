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

/** The block in use. What was handed out stays as it is until nobody holds the block. */
let block: Uint8Array = new Uint8Array(0);
let blockEnd = 0;
/** Whose frames are the last ones in the block: they can go on there. */
let lastBatch: FrameBatch | undefined;

/** Where batches go. */
export interface BatchWriter {
  /** Returns true when the bytes are out already: their memory is free again. */
  write(bytes: Uint8Array, callback?: SendCallback): unknown;
}

/** Frames that leave together: they are written into one piece of memory, one behind the other. */
export class FrameBatch {
  readonly #allocate: Allocate;
  readonly #writer: BatchWriter;
  #block = block;
  #start = 0;
  #end = 0;
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
    blockEnd = this.#end;
    if (maskingKey !== undefined) applyMask(this.#block, at, this.#end, maskingKey, 0);
    if (callback !== undefined) this.#callWhenWritten(callback);
  }

  /** Adds a copy of a frame that was serialized before. It fits in a block. */
  appendFrame(frame: Uint8Array, callback: SendCallback | undefined): void {
    this.#reserve(frame.length);
    copy(frame, this.#block, this.#end);
    this.#end += frame.length;
    blockEnd = this.#end;
    if (callback !== undefined) this.#callWhenWritten(callback);
  }

  /** Adds the header of a frame whose payload is written by itself. */
  appendHeader(firstByte: number, payloadLength: number): void {
    this.#reserve(frameHeaderLength(payloadLength, false));
    this.#end = writeFrameHeader(this.#block, this.#end, firstByte, payloadLength, undefined);
    blockEnd = this.#end;
  }

  /** Hands over what was added since the last time. */
  flush(): void {
    if (this.#start === this.#end) return;
    const [start, end] = [this.#start, this.#end];
    const callback = this.#takeCallbacks();
    this.#start = end;
    const isFree = this.#writer.write(this.#block.subarray(start, end), callback) === true;
    // What was added meanwhile, by this batch or by another, is behind it.
    if (!isFree || lastBatch !== this || this.#end !== end) return;
    blockEnd = start;
    this.#start = start;
    this.#end = start;
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
    if (lastBatch === this && blockEnd + length <= block.length) return;
    // It goes on elsewhere: a short one takes along what it has, so that it still leaves as one.
    if (this.length > MAX_MOVED_BYTES) this.flush();
    const taken = this.#block.subarray(this.#start, this.#end);
    if (blockEnd + taken.length + length > block.length) {
      block = this.#allocate(BLOCK_BYTES);
      blockEnd = 0;
    }
    block.set(taken, blockEnd);
    lastBatch = this;
    this.#block = block;
    this.#start = blockEnd;
    this.#end = blockEnd + taken.length;
    blockEnd = this.#end;
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
