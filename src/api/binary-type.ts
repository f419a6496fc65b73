const BINARY_TYPES = ['nodebuffer', 'arraybuffer', 'fragments', 'blob'] as const;

/** How binary messages are handed over: Buffer, ArrayBuffer, an array of Buffers, Blob. */
export type BinaryType = (typeof BINARY_TYPES)[number];

/** What `binaryType` may be where a type does not say more: without 'blob', as in `@types/ws`. */
export type DefaultBinaryType = Exclude<BinaryType, 'blob'>;

interface DataOf {
  nodebuffer: Buffer;
  arraybuffer: ArrayBuffer;
  fragments: Buffer[];
  blob: Blob;
}

/** What 'message' listeners get, for a `binaryType`. */
export type RawData<B extends BinaryType = DefaultBinaryType> = DataOf[B];

/** The `data` of a message event. */
export type Data = string | RawData;

/** Tells whether `type` is one of the four. */
export function isBinaryType(type: unknown): type is BinaryType {
  return (BINARY_TYPES as readonly unknown[]).includes(type);
}

/**
 * Turns a binary message into what `type` asks for.
 *
 * @param fragmentEnds - Where its fragments end, when there are several.
 */
export function asBinaryType(
  data: Buffer,
  type: BinaryType,
  fragmentEnds?: readonly number[],
): RawData<BinaryType> {
  if (type === 'nodebuffer') return data;
  if (type === 'fragments') return cutAt(data, fragmentEnds ?? [data.length]);
  if (type === 'blob') return new Blob([data as Uint8Array<ArrayBuffer>]);
  return toArrayBuffer(data);
}

function cutAt(data: Buffer, ends: readonly number[]): Buffer[] {
  return ends
    .map((end, i) => data.subarray(i === 0 ? 0 : ends[i - 1], end))
    .filter((fragment) => fragment.length > 0);
}

/** Returns the ArrayBuffer of `data`: its own where it fills it, else a copy. */
export function toArrayBuffer(data: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = data;
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
