import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readResults } from '../../bench/results.mjs';
import { drawTable, hasPlace, withTable } from '../../bench/table.mjs';
import { sampleResults } from './drawing.ts';

describe('drawTable', () => {
  it('has a row for each scenario, and only peers that were measured', () => {
    const [table, caption] = drawTable(sampleResults()).split('\n\n');
    expect(table).toBe(
      [
        '|             | Hawser |    ws | bare sockets | Hawser / ws |',
        '| ----------- | -----: | ----: | -----------: | ----------: |',
        '| echo <20> B |   0.35 |   7.3 |          0.2 |   **0.047** |',
        '| memory      | 11,300 | 7,400 |              |     **1.5** |',
      ].join('\n'),
    );
    expect(caption).toContain(
      'the median of 5 rounds. Measured on A CPU, 2 cores, Linux 6; hawser 0.1.0, ws 8.23.0.',
    );
  });
});

describe('withTable', () => {
  const place = 'before\n<!-- drawn by npm run bench -- --draw -->old<!-- end of the benchmark -->\nafter\n';

  it('replaces what is between the marks, and nothing else', () => {
    const once = withTable(place, sampleResults());
    expect(once).toMatch(
      /^before\n<!-- drawn .* -->\n\n!\[.*\]\(bench\/results.svg\)\n\n\| [\s\S]* -->\nafter\n$/,
    );
    expect(once).not.toContain('old');
    expect(withTable(once, sampleResults())).toBe(once);
  });

  it('wants a place for it', () => {
    expect(() => withTable('# Nothing', sampleResults())).toThrow('no place for the table');
  });

  it('is what the README has of the committed results, once there are some', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(hasPlace(readme)).toBe(true);
    if (existsSync('bench/results.json')) {
      expect(withTable(readme, readResults('bench/results.json'))).toBe(readme);
    }
  });
});
