import type { Figures, Source } from './results.mjs';

/** What a message cost, by the ids of subjects. */
export type Http2Scenario = Record<
  string,
  {
    /** µs for each message. */
    cpu: Figures;
    /** To the first. */
    ratio: number;
  }
>;

export interface Http2Results extends Source {
  scenarios: Record<string, Http2Scenario>;
}

export function summarizeHttp2(
  samples: Record<string, Record<string, number[]>>,
): Record<string, Http2Scenario>;
export function drawHttp2Tables(results: Http2Results): string;
