import type { Scenario } from './scenarios.mjs';

/** A median, and how far the values are apart. */
export interface Figures {
  median: number;
  min: number;
  max: number;
}

export interface PeerResult {
  /** µs of CPU for each message, or bytes of memory for each connection. */
  cost: Figures;
  /** The cost by that of the peers that the others are compared with. */
  ratios: Record<string, Figures>;
  /** Messages per second. */
  rate?: number;
  /** The part of its core that the process had. */
  busy?: number;
  /** µs of the load generator's CPU for each message. */
  load?: number;
}

export interface ScenarioResult {
  title: string;
  kind: string;
  unit: string;
  target: number | undefined;
  peers: Record<string, PeerResult>;
}

/** What figures were measured on, and how often. */
export interface Source {
  date: string;
  machine: { cpu: string; cores: number; memoryGiB: number; system: string; loadAverageBefore: number };
  versions: { node: string } & Record<string, string>;
  rounds: number;
}

export interface Results extends Source {
  windowMs: number;
  scenarios: Record<string, ScenarioResult>;
}

/** What one measurement found. */
export interface Sample {
  cost: number;
  rate?: number;
  busy?: number;
  load?: number;
}

export function readResults(file: string): Results;
export function writeResults(file: string, results: Results): void;
export function summarize(scenario: Scenario, samples: Record<string, Sample[]>): ScenarioResult;
