export interface Limit {
  runtime: string;
  of: string;
  symptom: string;
  why: string;
}

export interface Outcome {
  id: string;
  feature: string;
  /** What the case failed with; `undefined` when it passed. */
  error: string | undefined;
}

export type Verdict = 'passed' | 'failed' | 'limit';

export function judge(
  limits: readonly Limit[],
  runtime: string,
  outcome: Outcome,
): { verdict: Verdict; detail: string | undefined };
