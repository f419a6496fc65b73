import type { Figures, Source } from './results.mjs';

export interface TransportSample {
  /** µs of the server's CPU for each delivery. */
  cpu: number;
  /** For each delivery, to the client and from it. */
  bytesDown: number;
  bytesUp: number;
  /** ms. */
  p50: number;
  p99: number;
  /** µs of the load generator's CPU for each delivery. */
  load: number;
}

export type TransportResult = { title: string; load: number } & Record<
  Exclude<keyof TransportSample, 'load'>,
  Figures
>;

export interface TransportResults extends Source {
  clients: number;
  bytes: number;
  transports: Record<string, TransportResult>;
}

export function latenciesOf(times: ArrayLike<number>, sentAt: number[], first: number): number[];
export function summarizeTransports(
  samples: Record<string, TransportSample[]>,
): Record<string, TransportResult>;
