import { describe, expect, it } from 'vitest';
import { drawTable, majorOf } from '../../bench/table.mjs';
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
      'The median of 5 rounds. Measured on A CPU, 2 cores, Linux 6; hawser 0.1.0, node 20.1.0, ws 8.23.0.',
    );
  });

  it('has the ratios on other versions of Node, where the scenario was measured there', () => {
    const other = sampleResults();
    other.versions.node = '24.21.0';
    delete other.scenarios.idle;
    other.scenarios['echo-20-64']!.peers.hawser!.ratios.ws!.median = 0.0612;
    const [head, , echo, idle] = drawTable(sampleResults(), [other]).split('\n');
    expect(head).toMatch(/\| Hawser \/ ws \| Hawser \/ ws, Node 24 \|$/);
    expect(echo).toMatch(/ \*\*0\.047\*\* \| +\*\*0\.061\*\* \|$/);
    expect(idle).toMatch(/ \*\*1\.5\*\* \| +\|$/);
  });
});

describe('majorOf', () => {
  it('takes a version, or the beginning of one', () => {
    expect(['24', '24.21.0', '20.20.2'].map(majorOf)).toEqual([24, 24, 20]);
  });
});
