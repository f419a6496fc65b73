import type { Figures, Source } from './results.mjs';

/** What a delivery cost at one pace. */
export interface HubPace {
  atATime: number;
  subjects: Record<
    string,
    {
      /** µs for each delivery. */
      cpu: Figures;
      /** To `server.broadcast`. */
      ratio: number;
    }
  >;
}

export interface HubResults extends Source {
  clients: number;
  paces: HubPace[];
}

export function summarizeHub(measured: { atATime: number; costs: Record<string, number[]> }): HubPace;
export function drawHubTable(results: Pick<HubResults, 'paces' | 'clients'>): string;
