import { Buffer } from 'node:buffer';
import { copyUnmasked, type PayloadMemory } from '../core/payload-memory.ts';
import { bufferOf } from './fast-path/buffer-of.ts';
import { unmask } from './fast-path/slab.ts';

/** Short payloads share memory, as Node's own do: memory of their own would cost more than the rest of their way. */
const POOL_BYTES = 8192;
const MAX_POOLED_BYTES = 1024;

/** Above this many bytes a call of `set`, and one of WebAssembly, cost less than the loop (bench/micro.mts). */
const MAX_LOOP_BYTES = 192;

/** The pool in use, and where its free part begins. */
let pool = new ArrayBuffer(POOL_BYTES);
let poolView = new DataView(pool);
let poolAt = 0;

/** The chunk that was last copied from: one view of it serves for all its messages, and for the slab once for all. */
let source: Uint8Array | undefined;
let sourceView: DataView<ArrayBufferLike> = poolView;

/** Payloads as Buffers. */
export const bufferMemory: PayloadMemory = {
  allocate: allocateBuffer,
  unmask,
  takeUnmasked(chunk, start, end, key) {
    const length = end - start;
    if (length > MAX_LOOP_BYTES) return takeLong(chunk, start, end, key);
    if (poolAt + length > POOL_BYTES) {
      pool = new ArrayBuffer(POOL_BYTES);
      poolView = new DataView(pool);
      poolAt = 0;
    }
    const at = poolAt;
    // As Node's: what views the memory in other units begins where it may.
    poolAt = (at + length + 7) & ~7;
    copyUnmasked(viewOf(chunk), start, end, key, poolView, at);
    return bufferOf(pool, at, length);
  },
};

/** Makes a Buffer of memory that was not cleared. */
export function allocateBuffer(length: number): Buffer {
  return length <= MAX_POOLED_BYTES ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
}

function takeLong(chunk: Uint8Array, start: number, end: number, key: number): Buffer {
  if (key !== 0) unmask(chunk, start, end, key, 0);
  const bytes = allocateBuffer(end - start);
  bytes.set(chunk.subarray(start, end));
  return bytes;
}

function viewOf(chunk: Uint8Array): DataView {
  if (chunk !== source) {
    source = chunk;
    sourceView = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return sourceView;
}
