// Reads the suite's results, compares them with the committed ones, and writes them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the suite says of a case, from best to worst. INFORMATIONAL cases have no right or wrong. */
const RANKS = [
  'OK',
  'INFORMATIONAL',
  'NON-STRICT',
  'UNIMPLEMENTED',
  'WRONG CODE',
  'UNCLEAN',
  'FAILED BY CLIENT',
  'FAILED',
  'MISSING',
];
const MISSING = { behavior: 'MISSING', behaviorClose: 'MISSING', report: undefined };

/** Reads what a job's wstest wrote: a map from case to its result; cases without one are MISSING. */
export function readJob(directory, cases) {
  const file = join(directory, 'index.json');
  const agents = existsSync(file) ? Object.values(JSON.parse(readFileSync(file, 'utf8'))) : [];
  const found = agents[0] ?? {};
  return Object.fromEntries(
    cases.map((id) => {
      const result = found[id];
      if (result === undefined) return [id, MISSING];
      const { behavior, behaviorClose, reportfile } = result;
      return [
        id,
        { behavior, behaviorClose, report: join(directory, reportfile.replace(/\.json$/, '.html')) },
      ];
    }),
  );
}

/** Tells whether a result is as good as it can be. */
export function isGood({ behavior, behaviorClose }) {
  return rank(behavior) <= rank('INFORMATIONAL') && rank(behaviorClose) <= rank('INFORMATIONAL');
}

/**
 * Lists the cases that are worse than before; without a result from before, those that are not good.
 * INFORMATIONAL is as good as OK: the suite says so of cases whose outcome is a matter of taste.
 */
export function findWorse(role, results, before) {
  return Object.entries(results).filter(([id, result]) => {
    const old = before?.[role]?.[id];
    if (old === undefined) return !isGood(result);
    return grade(result.behavior) > grade(old[0]) || grade(result.behaviorClose) > grade(old[1]);
  });
}

function grade(behavior) {
  return behavior === 'INFORMATIONAL' ? rank('OK') : rank(behavior);
}

function rank(behavior) {
  const index = RANKS.indexOf(behavior);
  return index === -1 ? RANKS.length : index;
}

/** Reads the committed results, if there are any. */
export function readCommitted(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Writes the results one case a line, sorted, with nothing that changes from run to run. */
export function writeCommitted(file, suite, results) {
  const roles = Object.keys(results)
    .sort()
    .map((role) => {
      const lines = Object.keys(results[role])
        .sort(byCase)
        .map((id) => {
          const { behavior, behaviorClose } = results[role][id];
          return `    ${JSON.stringify(id)}: ${JSON.stringify([behavior, behaviorClose])}`;
        });
      return `  ${JSON.stringify(role)}: {\n${lines.join(',\n')}\n  }`;
    });
  writeFileSync(file, `{\n  "suite": ${JSON.stringify(suite)},\n${roles.join(',\n')}\n}\n`);
}

/** Orders case ids by their numbers. */
export function byCase(a, b) {
  const [left, right] = [a, b].map((id) => id.split('.').map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
