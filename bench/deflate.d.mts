import type { Figures, Source } from './results.mjs';

export interface DeflateResults extends Source {
  tunings: Array<{
    title: string;
    /** µs for each message. */
    cpu: Figures;
    /** Bytes for each connection. */
    memory: Figures;
    /** What is sent for messages of 1 KiB, and for those of 64 KiB, as a part of their length. */
    output: number[];
  }>;
  /** µs for each message of that many bytes. */
  sizes: Array<{ bytes: number; atOnce: Figures; inThread: Figures }>;
}
