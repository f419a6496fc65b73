/** How much may wait for a peer. */
export interface BackPressure {
  /** With more bytes than this the transport is full: messages wait in the sender's queue. */
  readonly highWaterMarkBytes: number;
  /** With this many bytes or fewer it has room again. */
  readonly lowWaterMarkBytes: number;
  /** How much may wait in the queue, in bytes with the cost of each frame; the first message that waits always may. */
  readonly maxBufferedBytes: number;
  /** What happens above that; 'wait' is no limit. */
  readonly slowPeer: 'wait' | 'drop-oldest' | 'drop-newest' | 'close';
}
