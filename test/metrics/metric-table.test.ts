import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DURATION_BUCKETS_SECONDS, METRICS } from '../../src/metrics/metric-table.ts';

it('has names that Prometheus would give', () => {
  for (const [name, { kind }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    expect([name, name.endsWith('_seconds')]).toEqual([name, kind === 'histogram']);
  }
});

it('has buckets in order', () => {
  expect([...DURATION_BUCKETS_SECONDS].sort((a, b) => a - b)).toEqual(DURATION_BUCKETS_SECONDS);
});

it('is in the documentation, whole', () => {
  const text = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `hawser_([a-z_]+)` +\| (\w+) +\| ([^|]*?) +\|/gm)];
  expect(rows.map(([, name, kind, labels]) => [name, kind, labels])).toEqual(
    Object.entries(METRICS).map(([name, { kind, labels }]) => [
      name,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
    ]),
  );
});
