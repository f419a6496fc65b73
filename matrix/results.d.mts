import type { Outcome, Verdict } from './verdict.mjs';

export interface RuntimeResults {
  title: string;
  version: string;
  features: Record<string, Record<string, Verdict>>;
}

export interface Results {
  runtimes: Record<string, RuntimeResults>;
}

export function readResults(file: string): Results;

export function writeResults(
  file: string,
  order: readonly string[],
  measured: Readonly<Record<string, RuntimeResults>>,
): void;

export function summarize(
  runtime: { title: string; version: string },
  outcomes: ReadonlyArray<Outcome & { verdict: Verdict }>,
): RuntimeResults;
