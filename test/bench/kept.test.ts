import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  DOCUMENTS,
  drawCharts,
  fileFor,
  lacksOf,
  MIN_ROUNDS,
  peersFor,
  readKept,
} from '../../bench/kept.mjs';
import { needsOf, SCENARIOS } from '../../bench/scenarios.mjs';
import {
  exactly,
  sampleAllocation,
  sampleDeflate,
  sampleGrowth,
  sampleHttp2,
  sampleHub,
  sampleProfiles,
  sampleResults,
  sampleTransports,
} from './drawing.ts';

/** What a run of everything on a version of Node finds. */
function wholeRun(node: string) {
  const able = (id: string, needs: string[]) =>
    !{ net: ['deflate', 'text'], deno: ['deflate'] }[id]?.some((lack) => needs.includes(lack));
  const scenarios = SCENARIOS.map((scenario) => {
    const peers = peersFor(node)
      .filter(({ id }) => able(id, needsOf(scenario)))
      .map(({ id }) => [id, { cost: exactly(1), ratios: {} }]);
    const { title, kind, target } = scenario;
    return [scenario.id, { title, kind, unit: 'µs', target, peers: Object.fromEntries(peers) }];
  });
  return { rounds: MIN_ROUNDS, versions: { node }, scenarios: Object.fromEntries(scenarios) };
}

describe('lacksOf', () => {
  it.each(['20.20.2', '24.21.0', '26.1.0'])('has nothing to say about a whole run on Node %s', (node) => {
    expect(lacksOf(wholeRun(node))).toEqual([]);
  });

  it('names what is not there', () => {
    const run = wholeRun('20.20.2');
    delete run.scenarios.handshake.peers.bun;
    delete run.scenarios['text-20-64'];
    expect(lacksOf({ ...run, rounds: MIN_ROUNDS - 1 })).toEqual([
      `${MIN_ROUNDS} rounds`,
      ...['hawser', 'ws', 'ws-bufferutil', 'bun', 'deno'].map((id) => `text-20-64 of ${id}`),
      'handshake of bun',
    ]);
  });
});

describe('fileFor', () => {
  it('has a file for each major version of Node', () => {
    expect(['20.19.0', '20.20.2', '24.21.0', '26.1.0'].map(fileFor)).toEqual([
      'results.json',
      'results.json',
      'results-node24.json',
      'results-node26.json',
    ]);
  });
});

describe('the documents', () => {
  const documents = Object.entries(DOCUMENTS).map(([name, redraw]) => ({ name, redraw }));

  it.each(documents)('$name has what the committed results draw', ({ name, redraw }) => {
    const text = readFileSync(name, 'utf8');
    expect(redraw(text, readKept('bench'))).toBe(text);
  });

  it.each(documents)('$name says how to measure where nothing is kept', ({ name, redraw }) => {
    const nothing = {
      main: undefined,
      others: [],
      transports: undefined,
      growth: undefined,
      deflate: undefined,
      allocation: undefined,
      profiles: undefined,
      http2: undefined,
      hub: undefined,
    };
    expect(redraw(readFileSync(name, 'utf8'), nothing)).toMatch(
      /No figures are kept yet: `npm run bench[^`]*`/,
    );
  });

  it('have charts and tables of all that is kept', () => {
    const other = { ...sampleResults(), versions: { node: '24.21.0' } };
    const kept = {
      main: sampleResults(),
      others: [other],
      transports: sampleTransports(),
      growth: sampleGrowth(),
      deflate: sampleDeflate(),
      allocation: sampleAllocation(),
      profiles: sampleProfiles(),
      http2: sampleHttp2(),
      hub: sampleHub(),
    };
    const text = DOCUMENTS['docs/performance.md']!(readFileSync('docs/performance.md', 'utf8'), kept);
    for (const name of Object.keys(drawCharts(kept))) expect(text).toContain(`](../bench/${name})`);
    expect(text).toContain('\nNode 24:\n\n|');
    expect(text).toContain('| 100 MiB arrive: Hawser');
    expect(text).not.toContain('No figures are kept yet');
    const compression = DOCUMENTS['docs/compression.md']!(readFileSync('docs/compression.md', 'utf8'), kept);
    expect(compression).toContain('| true: the default');
    expect(compression).toContain('| 16 KiB');
    const http2 = DOCUMENTS['docs/http2.md']!(readFileSync('docs/http2.md', 'utf8'), kept);
    expect(http2).toContain('| bare streams, one session');
    const hub = DOCUMENTS['docs/hub.md']!(readFileSync('docs/hub.md', 'utf8'), kept);
    expect(hub).toContain('| `hub.to(room).emit`');
  });
});

describe('the charts', () => {
  it.each(['results.svg', 'transports.svg', 'growth.svg'])(
    '%s is drawn from what is kept, or not there',
    (name) => {
      const file = `bench/${name}`;
      const committed = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      expect(committed).toBe(drawCharts(readKept('bench'))[name]);
    },
  );
});
