import type { Figures, Source } from './results.mjs';

/** Bytes. */
export interface Allocation<Value> {
  /** Of V8's heap. */
  heap: Value;
  /** Of memory that is outside of it. */
  arrayBuffers: Value;
}

export interface Sample<Value> {
  /** For each message. */
  message: Allocation<Value>;
  /** For each Buffer of a message's length, in the same process. */
  buffer: Allocation<Value>;
  /** For each such Buffer that an EventEmitter emits. */
  emitted: Allocation<Value>;
}

export interface Receiver extends Sample<Figures> {
  title: string;
}

export interface AllocationResults extends Source {
  /** The length of a message. */
  bytes: number;
  atATime: number;
  receivers: Receiver[];
}

export function summarizeAllocation(
  measured: Record<string, Sample<number>[]>,
): Pick<AllocationResults, 'receivers'>;
