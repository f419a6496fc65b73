import type { NodeName } from './chat.mts';

/** What a node tells of itself at `/figures`. */
export interface Figures {
  readonly node: NodeName;
  readonly pid: number;
  readonly upSeconds: number;
  /** Sockets of this node, and in how many rooms they are. */
  readonly connections: number;
  readonly rooms: number;
  /** Messages said, and messages and requests refused, since the node was started. */
  readonly said: number;
  readonly refused: number;
  readonly failures: number;
  /** The middle of the sockets' latencies, in milliseconds; `null` before there is one. */
  readonly latencyMs: number | null;
  /** How late the event loop is at worst, in milliseconds, of 99 out of 100 times. */
  readonly loopDelayMs: number;
  readonly memoryBytes: number;
  /** The way to the other node. */
  readonly cluster: {
    readonly isReachable: boolean;
    /** How long the last message was on its way from node to node, in milliseconds. */
    readonly lagMs: number | null;
    /** Messages that never reached the other node. */
    readonly lost: number;
  };
}
