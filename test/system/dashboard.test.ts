import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTraffic, serveMetrics } from './every-metric.ts';
import { Prometheus, promtool, type Sample } from './prometheus.ts';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

interface Dashboard {
  readonly panels: ReadonlyArray<{ readonly targets?: readonly Target[] }>;
  readonly templating: {
    readonly list: ReadonlyArray<{ readonly name: string; readonly definition?: string }>;
  };
}

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const RULES = pathOf('../../examples/grafana/alerts.yml');
const dashboard: Dashboard = JSON.parse(
  readFileSync(pathOf('../../examples/grafana/dashboard.json'), 'utf8'),
);
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

type Variables = Readonly<Record<string, string>>;

/** Puts in what Grafana puts in. */
function substitute(text: string, variables: Variables): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`There is no variable ${name}: ${text}`);
    return value;
  });
}

/** Scrapes are half a second apart, and two are enough. */
const MAX_ROUNDS = 30;

/** What a choice of all is to a query. */
const ALL: Variables = { __rate_interval: '1m', job: '.*', instance: '.*', role: '.*' };

/** Whether something is drawn, and more than a line at 0 where that says nothing: where things are counted. */
function isDrawn({ expr }: Target, samples: readonly Sample[]): boolean {
  return samples.some(({ value }) => Number.isFinite(value) && (value > 0 || !expr.includes('rate(')));
}

/** Has the traffic go on until each expression of the dashboard has something to draw; returns what each has. */
async function drawAll(prometheus: Prometheus, traffic: () => Promise<void>): Promise<Sample[][]> {
  for (let round = 1; ; round++) {
    await traffic();
    const drawn = await Promise.all(targets.map(({ expr }) => prometheus.query(substitute(expr, ALL))));
    const empty = targets.filter((target, i) => !isDrawn(target, drawn[i]!));
    if (empty.length === 0) return drawn;
    if (round === MAX_ROUNDS) throw new Error(`Nothing to draw: ${empty.map(({ expr }) => expr).join('\n')}`);
    // For one scrape more.
    await sleep(500);
  }
}

/** Answers the query of a variable, `label_values(selector, label)`. */
function valuesOf(prometheus: Prometheus, definition: string, variables: Variables): Promise<string[]> {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition)!;
  return prometheus.labelValues(label!, substitute(selector!, variables));
}

it('every expression of the dashboard has something to draw, in Prometheus', {
  timeout: 90_000,
}, async () => {
  const address = await serveMetrics();
  const traffic = await openTraffic();
  const prometheus = await Prometheus.start('echo', address, RULES);
  const drawn = await drawAll(prometheus, traffic);

  for (const [i, { expr, legendFormat }] of targets.entries()) {
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
    for (const { labels } of drawn[i]!) {
      expect([expr, Object.keys(labels).sort()]).toEqual([expr, named.sort()]);
    }
  }

  const offered: Record<string, string[]> = {};
  for (const { name, definition } of dashboard.templating.list) {
    if (definition !== undefined) offered[name] = await valuesOf(prometheus, definition, ALL);
  }
  expect(offered).toEqual({ job: ['echo'], instance: [address], role: ['client', 'server'] });

  // As Grafana has what is chosen: escaped, and several of them in parentheses.
  const chosen = { ...ALL, job: 'echo', instance: address.replaceAll('.', '\\\\.'), role: '(client|server)' };
  const other = { ...ALL, job: 'other' };
  for (const { expr } of targets) {
    expect([expr, (await prometheus.query(substitute(expr, chosen))).length > 0]).toEqual([expr, true]);
    expect([expr, await prometheus.query(substitute(expr, other))]).toEqual([expr, []]);
  }

  const rules = await prometheus.rules();
  expect(rules.map(({ name, health, lastError }) => [name, health, lastError])).toEqual(
    rules.map(({ name }) => [name, 'ok', undefined]),
  );
});

it('the alerts are read by promtool, and fire in trouble alone', () => {
  expect(promtool('check', 'rules', RULES)).toContain('5 rules found');
  expect(promtool('test', 'rules', pathOf('./alerts.yml'))).toContain('SUCCESS');
});
