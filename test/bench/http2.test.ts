import { expect, it } from 'vitest';
import { drawHttp2Tables, summarizeHttp2 } from '../../bench/http2.mjs';
import { sampleHttp2 } from './drawing.ts';

it('compares figures of the same round, and takes the median of what that gives', () => {
  const { echo } = summarizeHttp2({ echo: { first: [4, 10, 5], other: [8, 10, 15] } });
  expect(echo).toEqual({
    first: { cpu: { median: 5, min: 4, max: 10 }, ratio: 1 },
    other: { cpu: { median: 10, min: 8, max: 15 }, ratio: 2 },
  });
});

it('draws a row for each, and a column for each scenario', () => {
  const tables = drawHttp2Tables(sampleHttp2())
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(tables.map((row) => row.length)).toEqual([...Array(7).fill(5), ...Array(6).fill(2)]);
  expect(tables[2]).toEqual(['Hawser, HTTP/1.1', ...Array(4).fill('12 (1)')]);
  expect(tables[3]).toEqual(['Hawser, all on one session', ...Array(4).fill('24 (2)')]);
  expect(tables.at(-1)).toEqual(['Deno', '96 (8)']);
});
