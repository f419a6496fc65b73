import type { ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';

export type Http2Stream = ClientHttp2Stream | ServerHttp2Stream;

/** RST_STREAM's code for what a reset is in TCP (RFC 8441 §5, RFC 9113 §7). */
export const CANCEL = 0x8;

/** Tells whether a stream has ended both ways. */
export function hasEnded({ readableEnded, writableFinished }: Http2Stream): boolean {
  return readableEnded && writableFinished;
}

/** Resets a stream with {@link CANCEL}, and is done with it. */
export function cancelStream(stream: Http2Stream): void {
  stream.close(CANCEL);
  // A session that Node has said GOAWAY in sends nothing any more, the reset neither: the stream would wait for that.
  stream.destroy();
}
