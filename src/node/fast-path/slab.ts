import { applyMask } from '../../core/index.ts';
import { UNMASK_WASM } from './unmask-wasm.ts';

/** As much as libuv asks for when it reads; a multiple of WebAssembly's pages. */
const SLAB_BYTES = 0x1_0000;
const PAGE_BYTES = 0x1_0000;

/** Below this many bytes a call into WebAssembly costs more than the plain loop (bench/micro.mts, "unmask"). */
const WASM_MIN_BYTES = 64;

/** Unmasks the slab from `start` to `end`; `key` has its first byte in the lowest 8 bits. */
type UnmaskSlab = (start: number, end: number, key: number) => void;

interface Slab {
  readonly bytes: Uint8Array;
  /** `undefined` where there is no WebAssembly, no SIMD, or no address space for it. */
  readonly unmask: UnmaskSlab | undefined;
}

/** What is used of WebAssembly, of which Node's types have the types alone. */
interface Platform {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
    readonly Module: new (binary: Uint8Array) => object;
    readonly Instance: new (
      module: object,
      imports: object,
    ) => { readonly exports: { readonly unmask: UnmaskSlab } };
  };
}

const platform = globalThis as unknown as Platform;

let slab: Slab | undefined;

/** Returns the memory that all sockets read into: a read and what is done with it are over before the next one. */
export function slabBytes(): Uint8Array {
  slab ??= createSlab();
  return slab.bytes;
}

/** Does what {@link applyMask} does; long stretches of the slab with SIMD. */
export function unmask(bytes: Uint8Array, start: number, end: number, key: number, phase: number): void {
  if (end - start < WASM_MIN_BYTES || bytes !== slab?.bytes || slab.unmask === undefined) {
    applyMask(bytes, start, end, key, phase);
  } else {
    slab.unmask(start, end, byteSwapped(rotated(key, phase)));
  }
}

function createSlab(): Slab {
  try {
    const { Memory, Module, Instance } = platform.WebAssembly;
    const memory = new Memory({ initial: SLAB_BYTES / PAGE_BYTES });
    const module = new Module(Buffer.from(UNMASK_WASM, 'base64'));
    const { exports } = new Instance(module, { memory: { slab: memory } });
    return { bytes: new Uint8Array(memory.buffer), unmask: exports.unmask };
  } catch {
    return { bytes: new Uint8Array(SLAB_BYTES), unmask: undefined };
  }
}

/** The key whose first byte is the one for payload offset `phase`. */
function rotated(key: number, phase: number): number {
  const bits = (phase & 3) << 3;
  return (key << bits) | (key >>> (32 - bits));
}

function byteSwapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
