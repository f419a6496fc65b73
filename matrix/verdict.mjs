/** The limit of `limits` that names this case on this runtime. */
export function limitOf(limits, runtime, id) {
  return limits.find((limit) => limit.runtime === runtime && id === limit.case);
}

/**
 * Says what an outcome counts as: 'passed', 'failed' or 'limit'.
 *
 * A limit counts only with the symptom that it was listed with, and not any more once its case passes.
 */
export function judge(limits, runtime, { id, error }) {
  const limit = limitOf(limits, runtime, id);
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
