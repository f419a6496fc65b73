export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median, and how far the values are apart. */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Rounds to three significant digits, so that a file of results has no digits that mean nothing. */
export function significant(value) {
  return Number(value.toPrecision(3));
}

/** The value that `part` of the values are at most. */
export function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

/**
 * Compares figures with those of the first in the same round.
 *
 * @param costs - For each id what was measured, round after round.
 */
export function besideFirst(costs) {
  const [reference] = Object.values(costs);
  return Object.fromEntries(
    Object.entries(costs).map(([id, measured]) => {
      const ratios = measured.map((cost, round) => cost / reference[round]);
      return [id, { cpu: roundedSpread(measured), ratio: significant(median(ratios)) }];
    }),
  );
}

/** The spread, rounded. */
export function roundedSpread(values) {
  return Object.fromEntries(
    Object.entries(spread(values)).map(([name, value]) => [name, significant(value)]),
  );
}
