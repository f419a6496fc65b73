/** The limit of `limits` that names this case, or its whole feature, on this runtime. */
export function limitOf(limits, runtime, { id, feature }) {
  return limits.find((limit) => limit.runtime === runtime && (limit.of === id || limit.of === feature));
}

/**
 * Says what an outcome counts as: 'passed', 'failed' or 'limit'.
 *
 * A limit counts only with the symptom that it was listed with, and not any more once its case passes.
 */
export function judge(limits, runtime, { id, feature, error }) {
  const limit = limitOf(limits, runtime, { id, feature });
  if (limit === undefined) return { verdict: error === undefined ? 'passed' : 'failed', detail: error };
  if (error === undefined) {
    return { verdict: 'failed', detail: 'passes, though known-limits.mjs has it: take it out there' };
  }
  if (error.includes(limit.symptom)) return { verdict: 'limit', detail: limit.why };
  return {
    verdict: 'failed',
    detail: `not with the symptom "${limit.symptom}" of known-limits.mjs\n${error}`,
  };
}
