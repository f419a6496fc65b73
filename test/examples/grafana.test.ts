import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/metric-table.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>;
}

const file = new URL('../../examples/grafana/dashboard.json', import.meta.url);
const dashboard: { panels: Panel[]; templating: { list: Array<{ name: string; definition?: string }> } } =
  JSON.parse(readFileSync(file, 'utf8'));
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

/** Metrics with the labels that a query takes them by, or takes the sum over. */
function namesIn(query: string): string[] {
  return [...query.matchAll(/hawser_([a-z_]+)/g)].map(([, name]) => name!.replace(/_bucket$/, ''));
}

describe('the dashboard', () => {
  it('shows every metric, and no other', () => {
    const shown = new Set(targets.flatMap(({ expr }) => namesIn(expr)));
    expect([...shown].sort()).toEqual(Object.keys(METRICS).sort());
    const asked = dashboard.templating.list.flatMap(({ definition = '' }) => namesIn(definition));
    expect(asked.filter((name) => !(name in METRICS))).toEqual([]);
  });

  it('asks for what each metric is', () => {
    for (const { expr } of targets) {
      const [name] = namesIn(expr) as [keyof typeof METRICS];
      const { kind } = METRICS[name];
      expect([expr, expr.includes('rate(')]).toEqual([expr, kind !== 'gauge']);
      expect([expr, expr.includes('histogram_quantile(')]).toEqual([expr, kind === 'histogram']);
    }
  });

  it('has the labels that each metric has', () => {
    for (const { expr, legendFormat } of targets) {
      const [name] = namesIn(expr) as [keyof typeof METRICS];
      const labels: readonly string[] = METRICS[name].labels;
      const grouped = /by \(([a-z, ]+)\)/
        .exec(expr)![1]!
        .split(', ')
        .filter((label) => label !== 'le');
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect([expr, grouped.filter((label) => !labels.includes(label))]).toEqual([expr, []]);
      expect([expr, named.sort()]).toEqual([expr, grouped.sort()]);
    }
  });

  it('has panels that lie beside one another', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

describe('the alerts', () => {
  it('ask for metrics and labels that there are', () => {
    const rules = readFileSync(new URL('../../examples/grafana/alerts.yml', import.meta.url), 'utf8');
    const selectors = [...rules.matchAll(/hawser_([a-z_]+)\{([^}]+)\}/g)];
    expect(selectors).toHaveLength(rules.match(/hawser_/g)!.length);
    for (const [selector, name, matchers] of selectors) {
      const metric = METRICS[name!.replace(/_bucket$/, '') as keyof typeof METRICS];
      const labels: readonly string[] = metric?.labels ?? [];
      const asked = [...matchers!.matchAll(/(\w+)=/g)].map(([, label]) => label!);
      expect([selector, asked.filter((label) => !labels.includes(label))]).toEqual([selector, []]);
    }
  });
});
