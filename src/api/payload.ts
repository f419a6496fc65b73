import { type Payload, serializeClosePayload, type UnreadPayload } from '../core/index.ts';

/** What `send` takes: what `Buffer.from` takes, numbers and Blobs. */
export type SendData =
  | string
  | number
  | ArrayBufferLike
  | NodeJS.ArrayBufferView
  | Blob
  | readonly unknown[]
  | { valueOf(): ArrayBufferLike | Uint8Array | readonly number[] | string }
  | { [Symbol.toPrimitive](hint: string): string };

/** Called when what was sent is written out, or with the error for which it never will be. */
// As a method: callbacks that insist on an error pass too, since `@types/ws` wants them so for ping and pong.
export type SentCallback = { called(error?: Error): void }['called'];

/**
 * Returns what is sent for `data`: a view where there is memory to view, UTF-8 of strings and numbers; a Blob is to be
 * read first.
 *
 * @throws {TypeError} `data` has no bytes; the error is that of `Buffer.from`.
 */
export function toPayload(data: SendData): Payload {
  if (data instanceof Uint8Array) return data;
  return isBlob(data) ? blobPayload(data) : toBytes(data);
}

/**
 * Returns the bytes of `data`: a view where there is memory to view, UTF-8 of strings and numbers.
 *
 * @throws {TypeError} `data` has no bytes; the error is that of `Buffer.from`.
 */
export function toBytes(data: Exclude<SendData, Blob>): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (typeof data === 'number') return Buffer.from(data.toString());
  if (data instanceof Uint8Array) return data;
  // As with ws: false and 0n are no data either.
  if (!data) return Buffer.alloc(0);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data as string);
}

/** Tells whether `data` goes as text when the caller does not say. */
export function isText(data: unknown): boolean {
  return typeof data === 'string' || typeof data === 'number';
}

/** The payload's length, in bytes, without converting it. */
export function payloadLength(data: SendData): number {
  if (isBlob(data)) return data.size;
  if (typeof data === 'string') return Buffer.byteLength(data);
  return toBytes(data).length;
}

/**
 * Returns the bytes of a close reason, once it is sure that they can be sent. As with `ws`, a reason is ignored without
 * a code, and when it has no length.
 *
 * @throws {TypeError} A code that may not be sent, or a reason of another type.
 * @throws {RangeError} More than 123 bytes.
 */
export function closeReason(code: number | undefined, reason: string | Uint8Array = ''): Uint8Array {
  if (code !== undefined && typeof code !== 'number') {
    throw new TypeError('First argument must be a valid error code number');
  }
  const bytes = code === undefined || !reason.length ? Buffer.alloc(0) : toBytes(reason);
  serializeClosePayload(code, bytes);
  if (bytes.length > 0 && typeof reason !== 'string' && !(reason instanceof Uint8Array)) {
    throw new TypeError('Second argument must be a string or a Uint8Array');
  }
  return bytes;
}

/** Tells Blobs, those of other libraries too, by what they can do. */
function isBlob(data: unknown): data is Blob {
  if (typeof data !== 'object' || data === null) return false;
  const tag: unknown = Reflect.get(data, Symbol.toStringTag);
  return (tag === 'Blob' || tag === 'File') && 'arrayBuffer' in data;
}

function blobPayload(blob: Blob): UnreadPayload {
  return {
    length: blob.size,
    read(callback) {
      // Out of the promise: what the callbacks of the sent throw must not become a rejection.
      blob.arrayBuffer().then(
        (bytes) => process.nextTick(callback, undefined, new Uint8Array(bytes)),
        (error) => process.nextTick(callback, error),
      );
    },
  };
}
