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
 * nearly all the time) is one of its own. The first jobs wait more than they work, so they come first, beside others.
 */
export function planJobs(cases, roles) {
  const groups = new Map();
  for (const id of cases) {
    const [section, subsection] = id.split('.');
    const name = Number(section) >= 12 ? `${section}.${subsection}` : '1-11';
    groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  return [...groups.keys()].flatMap((name) => roles.map((role) => ({ role, name, cases: groups.get(name) })));
}
