import type { Figures, Source } from './results.mjs';

export interface Delay<Value> {
  /** ms. */
  p50: Value;
  p99: Value;
  max: Value;
}

export interface Growth {
  peers: Record<
    string,
    {
      title: string;
      /** µs for each message, with each of the counts of connections. */
      cpu: Figures[];
      /** Bytes, with each of the counts of connections. */
      resident: Figures[];
      perConnection: Figures;
    }
  >;
  delays: Record<string, { title: string; peers: Record<string, Delay<Figures>> }>;
}

export interface GrowthResults extends Growth, Source {
  counts: number[];
}

/** What was measured for a scenario and a peer, round after round. */
export interface Measured {
  scenario: { id: string; kind: string };
  peer: { id: string };
  samples: Array<{ cost: number } | { resident: number[] } | Delay<number>>;
}

export function summarizeGrowth(counts: number[], measured: Measured[]): Growth;
