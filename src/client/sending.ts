import type { Queued } from './send-queue.ts';
import type { Sendable } from './websocket-shape.ts';

/** A message that waits for a connection, as it was when it was sent. */
export class Sending implements Queued {
  readonly data: string | Uint8Array | Blob;
  readonly isAwaited = false;
  readonly bytes: number;

  constructor(data: Sendable) {
    this.data = copyOf(data);
    this.bytes = bytesOf(this.data);
  }
}

/** Returns how many bytes a string has in UTF-8. */
export function utf8Length(text: string): number {
  // React Native's Blob takes strings, and TextEncoder is not everywhere.
  return new Blob([text]).size;
}

function bytesOf(data: string | Uint8Array | Blob): number {
  if (typeof data === 'string') return utf8Length(data);
  return data instanceof Blob ? data.size : data.length;
}

function copyOf(data: Sendable): string | Uint8Array | Blob {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (typeof data === 'string' || data instanceof Blob) return data;
  return new Uint8Array(data).slice();
}
