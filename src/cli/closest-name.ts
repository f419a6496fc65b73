/** How many letters may be wrong in a name, for each four that it has. */
const FAULTS_PER_FOUR = 1;

/** Returns the name that somebody may have meant by what they typed; `undefined` when none is like it. */
export function closestName(typed: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(typed.length / 4) * FAULTS_PER_FOUR);
  const candidates = names.map((name) => ({ name, faults: faultsBetween(typed, name) }));
  const best = candidates.sort((a, b) => a.faults - b.faults)[0];
  return best !== undefined && best.faults <= most ? best.name : undefined;
}

/** Counts the letters that are to be put in, left out, replaced, or changed over, on the way from one text to the other. */
export function faultsBetween(from: string, to: string): number {
  // Of the prefixes of `from` with one letter less and two less: the distances to all prefixes of `to`.
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, length) => length);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const areSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = areSwapped ? beforeLast[j - 2]! + 1 : Infinity;
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length]!;
}
