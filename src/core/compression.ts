/**
 * What the protocol needs of permessage-deflate (RFC 7692 §7.2); the layer above brings it.
 *
 * Calls are made one at a time each way: the next one after the callback of the last.
 */
export interface Compression {
  /** Tells whether a message whose first frame has `length` bytes is to be compressed. */
  worthwhile(length: number): boolean;
  /** Compresses a fragment; `fin` when it is the message's last. */
  compress(payload: Uint8Array, fin: boolean, callback: CompressionCallback): void;
  /**
   * Inflates a message, or a part of one, to at most `maxLength` bytes, and stops as soon as it gets longer; `fin` with
   * the message's last bytes. The error is a ProtocolError with close code 1007 or 1009 when the peer is at fault.
   */
  inflate(payload: Uint8Array, fin: boolean, maxLength: number, callback: CompressionCallback): void;
}

/**
 * Returns the most bytes that deflate makes of `length` bytes, with a flush behind them: what can't be compressed gets
 * longer. It is no less than what zlib's `deflateBound` says for any of its settings.
 */
export function maxDeflatedBytes(length: number): number {
  return length + Math.ceil(length / 8) + Math.ceil(length / 64) + 16;
}

export type CompressionCallback = (error: Error | null, result?: Uint8Array) => void;
