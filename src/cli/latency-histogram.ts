import { createHistogram } from 'node:perf_hooks';

const WIDTH = 40;
/** Each row ends at twice the time of the one before. */
const FIRST_ROW_NS = 16_000;
const PERCENTILES = [50, 90, 99, 99.9];

/** Counts how long things took. */
export class LatencyHistogram {
  readonly #values = createHistogram();
  /** How many there are in each row. */
  readonly #rows: number[] = [];

  /** How many were counted. */
  get count(): number {
    return this.#values.count;
  }

  /** Counts one, in milliseconds. */
  record(milliseconds: number): void {
    const nanoseconds = Math.max(1, Math.round(milliseconds * 1e6));
    const row = Math.max(0, Math.ceil(Math.log2(nanoseconds / FIRST_ROW_NS)));
    this.#values.record(nanoseconds);
    this.#rows[row] = (this.#rows[row] ?? 0) + 1;
  }

  /** A line with the percentiles. */
  get summary(): string {
    const percentiles = PERCENTILES.map((p) => `p${p} ${describeTime(this.#values.percentile(p))}`);
    return `${percentiles.join('  ')}  max ${describeTime(this.#values.max)}`;
  }

  /** A bar for each doubling of the time, from the first that has any to the last. */
  draw(): string[] {
    const rows = Array.from(this.#rows, (count = 0, row) => ({ count, upTo: FIRST_ROW_NS * 2 ** row }));
    const most = Math.max(...rows.map(({ count }) => count));
    const first = rows.findIndex(({ count }) => count > 0);
    return rows.slice(first).map(({ count, upTo }) => {
      const bar = '█'.repeat(Math.round((count / most) * WIDTH)).padEnd(WIDTH);
      return `${`≤ ${describeTime(upTo)}`.padStart(12)} ${bar} ${((100 * count) / this.count).toFixed(2)} %`;
    });
  }
}

/** Nanoseconds, as people read them. */
function describeTime(nanoseconds: number): string {
  if (nanoseconds >= 1e9) return `${(nanoseconds / 1e9).toFixed(2)} s`;
  if (nanoseconds >= 1e6) return `${(nanoseconds / 1e6).toFixed(2)} ms`;
  return `${Math.round(nanoseconds / 1000)} µs`;
}
