import { expect, it } from 'vitest';
import { drawProfilesTable } from '../../bench/profiles-drawing.mjs';
import { sampleProfiles } from './drawing.ts';

it('has a row for each peer of each scenario, and no figures that are next to nothing', () => {
  const [head, , ...rows] = drawProfilesTable(sampleProfiles()).split('\n');
  const cells = (row = '') => row.split('|').map((cell) => cell.trim());
  expect(cells(head)).toContain("Node's JavaScript");
  expect(cells(rows[0]).slice(1, -1)).toEqual([
    'echo: Hawser',
    '4.8',
    '3',
    '',
    '0.5',
    '0.1',
    '0.7',
    '0.5',
    '',
  ]);
  expect(cells(rows[1]).slice(1, 3)).toEqual(['echo: bare sockets', '5.6']);
});
