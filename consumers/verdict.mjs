/**
 * Says what is wrong with the run of a scenario, if anything is. With a broken engine it has to fail, and for that
 * reason: after it had made sure of its engine, and after the engine had spoiled something.
 *
 * @returns {string | undefined}
 */
export function judge({ code, output, isLate }, breaking) {
  if (!/^engine: /m.test(output)) return 'the scenario ended before it knew its engine';
  if (breaking === undefined) {
    if (isLate) return 'the scenario was stopped: it took too long, or left something running';
    return code === 0 ? undefined : `the scenario failed (exit code ${code})`;
  }
  if (code === 0) return `the scenario passed even though the engine spoils '${breaking}'`;
  if (isLate) return 'the scenario had to be stopped: it should fail by itself';
  if (!/^broken: spoiled /m.test(output)) return `the engine had nothing to spoil in '${breaking}'`;
  return undefined;
}
