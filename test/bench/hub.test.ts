import { expect, it } from 'vitest';
import { drawHubTable } from '../../bench/hub.mjs';
import { sampleHub } from './drawing.ts';

it('compares figures of the same round, and takes the median of what that gives', () => {
  const { atATime, subjects } = sampleHub().paces[0]!;
  expect(atATime).toBe(1);
  expect(subjects.broadcast).toEqual({ cpu: { median: 5, min: 4, max: 10 }, ratio: 1 });
  expect(subjects.hub!.ratio).toBe(1.1);
  expect(subjects['socket.io']!.ratio).toBe(3);
});

it('draws a row for each, and two columns for each pace', () => {
  const [head, , ...rows] = drawHubTable(sampleHub()).trim().split('\n');
  expect(head).toMatch(/1,000 clients .* 1 at a time \| ratio \| 8 at a time \| ratio \|$/);
  expect(
    rows.map((row) =>
      row
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual([
    ['5', '1', '5', '1'],
    ['6', '1.1', '6', '1.1'],
    ['15', '3', '15', '3'],
  ]);
});
