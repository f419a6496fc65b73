// Splits the cases into jobs that a few workers take one after the other.

/** Tells whether a case, such as `12.3.4`, is named by a pattern, such as `12.3.4`, `12.*` or `*`. */
export function matches(id, pattern) {
  if (pattern.endsWith('*')) return id.startsWith(pattern.slice(0, -1));
  return id === pattern;
}

/** The cases that any of the patterns names, in their own order. */
export function selectCases(cases, patterns) {
  return cases.filter((id) => patterns.some((pattern) => matches(id, pattern)));
}

/** The cases that make sense through a proxy that cuts everything into small pieces: all but the large ones. */
export const CHOPPED_PATTERNS = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '10.*'];

/**
 * Groups the cases of each role: sections 1 to 11 are a job, and each subsection of 12 and 13 (compression, which takes
 * nearly all the time) is one of its own. The longest come first, so that the workers end at about the same time.
 */
export function planJobs(cases, roles) {
  const groups = new Map();
  for (const id of cases) {
    const [section, subsection] = id.split('.');
    const name = Number(section) >= 12 ? `${section}.${subsection}` : '1-11';
    groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  const names = [...groups.keys()].sort((a, b) => Number(a === '1-11') - Number(b === '1-11'));
  return names.flatMap((name) => roles.map((role) => ({ role, name, cases: groups.get(name) })));
}
