import { describe, expect, it } from 'vitest';
import { summarizeGrowth } from '../../bench/growth.mjs';
import { drawDelayTable, drawGrowthChart, drawGrowthTable, spaceOut } from '../../bench/growth-drawing.mjs';
import { exactly, sampleGrowth } from './drawing.ts';

const hawser = { id: 'hawser' };

describe('summarizeGrowth', () => {
  const echo = (costs: number[]) => ({
    scenario: { id: 'echo', kind: 'echo' },
    peer: hawser,
    samples: costs.map((cost) => ({ cost })),
  });
  const residence = {
    scenario: { id: 'residence', kind: 'residence' },
    peer: hawser,
    samples: [
      [1000, 10_000],
      [2000, 20_000],
      [0, 0],
    ].map((resident) => ({ resident })),
  };
  const receive = {
    scenario: { id: 'receive-100m', kind: 'delay' },
    peer: hawser,
    samples: [
      { p50: 1, p99: 2, max: 9 },
      { p50: 3, p99: 4, max: 5 },
    ],
  };
  const { peers, delays } = summarizeGrowth([10, 100], [echo([1, 2, 3]), echo([4]), residence, receive]);

  it('has figures for each number of connections', () => {
    expect(peers.hawser!.cpu).toEqual([{ median: 2, min: 1, max: 3 }, exactly(4)]);
    expect(peers.hawser!.resident).toEqual([
      { median: 1000, min: 0, max: 2000 },
      { median: 10_000, min: 0, max: 20_000 },
    ]);
  });

  it('divides the memory between the two greatest numbers by the connections between them', () => {
    expect(peers.hawser!.perConnection).toEqual({ median: 100, min: 0, max: 200 });
  });

  it('has the delays of those that were measured', () => {
    expect(delays['receive-100m']!.peers).toEqual({
      hawser: {
        p50: { median: 2, min: 1, max: 3 },
        p99: { median: 3, min: 2, max: 4 },
        max: { median: 7, min: 5, max: 9 },
      },
    });
  });
});

describe('drawGrowthChart', () => {
  const svg = drawGrowthChart(sampleGrowth());
  const places = new Map(
    [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*><title>([^<]+)<\/title>/g)].map(
      ([, x, y, says]) => [says!, { x: Number(x), y: Number(y) }],
    ),
  );

  it('has a point for each peer and number of connections, more to the right and above', () => {
    const [few, some, many] = ['hawser: 6', 'hawser: 6.4', 'hawser: 8.4'].map((says) => places.get(says)!);
    expect(some!.x - few!.x).toBeCloseTo(many!.x - some!.x, 0);
    expect(many!.y).toBeLessThan(few!.y);
    expect(places.get('ws: 10')!.x).toBe(many!.x);
    expect(places.get('ws: 10')!.y).toBeLessThan(many!.y);
  });

  it('is well-formed', () => {
    expect(svg.match(/<(?!\/|\?)[a-z]+[^>]*[^/]>/g)!.length).toBe(svg.match(/<\/[a-z]+>/g)!.length);
  });
});

describe('spaceOut', () => {
  it('leaves what is far enough apart, and moves up what is not', () => {
    expect(spaceOut([0, 50, 100], 15)).toEqual([0, 50, 100]);
    expect(spaceOut([95, 98, 100], 15)).toEqual([70, 85, 100]);
  });
});

describe('the tables', () => {
  it('have CPU, memory and delays', () => {
    const cells = (text: string) => text.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
    const growth = cells(drawGrowthTable(sampleGrowth()));
    expect(growth).toContainEqual(['', 'Hawser', '6', '6.4', '8.4', '']);
    expect(growth).toContainEqual(['', 'ws', '50', '53', '63', '12,345', '']);
    expect(cells(drawDelayTable(sampleGrowth()))).toContainEqual([
      '',
      '100 MiB arrive: ws',
      '1.1',
      '31',
      '50',
      '',
    ]);
  });
});
