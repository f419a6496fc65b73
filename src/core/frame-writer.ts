import type { SendCallback } from './message-payload.ts';

/** Where frames go; `bytes` are the transport's from the call on, unless it returns true: then they are out already. */
export interface FrameWriter {
  /** Whether the stream is gone: nothing that is written arrives any more. */
  readonly destroyed: boolean;
  /** Whether it has enough: messages wait until `writeOn` is called; control frames do not. */
  readonly full: boolean;
  write(bytes: Uint8Array, callback?: SendCallback): unknown;
  /** Asks for a call of `flush`, now or at the end of this turn: frames wait for it. */
  flushSoon(): void;
  /** Hears that something waits in the sender, for room or to be prepared. */
  queued(): void;
  /** Hears that a message was dropped, by {@link BackPressure.slowPeer}. */
  dropped?(): void;
}
