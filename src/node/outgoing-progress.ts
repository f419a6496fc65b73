import type { Duplex } from 'node:stream';

/** What of a net.Socket tells; `writeQueueSize` is what the system has not taken of the write under way. */
type CountingSocket = Duplex & {
  readonly bytesWritten?: number;
  readonly _handle?: { readonly writeQueueSize?: number } | null;
};

/**
 * Returns a mark of how far the system has taken what was written: another one later says that it took more, be it of
 * one long write, and the same one that it took nothing. Further writes alone don't change it.
 */
export function outgoingProgress(socket: Duplex): number {
  const { bytesWritten = 0, writableLength, _handle: handle } = socket as CountingSocket;
  return bytesWritten - writableLength - (handle?.writeQueueSize ?? 0);
}
