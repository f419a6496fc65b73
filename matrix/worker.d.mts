import type { Outcome } from './verdict.mjs';

export function runSuite(
  project: { folder: string },
  command: readonly string[],
  settings: { runtime: string },
  onOutcome: (outcome: Outcome) => void,
  limits?: { silenceMs: number },
): Promise<void>;

export function startPeer(
  project: { folder: string },
  command: readonly string[],
  settings: { runtime: string },
): Promise<{ url: string; stop(): Promise<void> }>;

export function killChildren(): void;
