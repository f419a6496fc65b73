import { describe, expect, it } from 'vitest';
import { drawTransportsChart, drawTransportsTable } from '../../bench/transports-drawing.mjs';
import { sampleTransports } from './drawing.ts';

interface Bar {
  x: number;
  y: number;
  width: number;
}

/** The bars, by their figures. */
function bars(svg: string): Map<string, Bar> {
  const found = svg.matchAll(
    /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"[^>]*><title>([^<]+)<\/title>/g,
  );
  return new Map([...found].map(([, x, y, width, says]) => [says!, { x: +x!, y: +y!, width: +width! }]));
}

describe('drawTransportsChart', () => {
  const svg = drawTransportsChart(sampleTransports());

  it('has bars as long as their figures', () => {
    const drawn = bars(svg);
    expect(drawn.get('204')!.width / drawn.get('52')!.width).toBeCloseTo(204 / 52, 1);
    expect(drawn.get('43')!.width / drawn.get('5')!.width).toBeCloseTo(43 / 5, 0);
  });

  it('puts what goes up behind what comes down, with the sum', () => {
    const drawn = bars(svg);
    const down = drawn.get('386')!;
    const up = drawn.get('89')!;
    expect(up.y).toBe(down.y);
    expect(up.x).toBeCloseTo(down.x + down.width, 0);
    expect(svg).toContain('>475</text>');
  });

  it('is well-formed, whatever is in a title', () => {
    expect(svg).toContain('deflate &lt;with> a context');
    expect(svg.match(/<(?!\/|\?)[a-z]+[^>]*[^/]>/g)!.length).toBe(svg.match(/<\/[a-z]+>/g)!.length);
  });
});

describe('drawTransportsTable', () => {
  it('has a row for each transport', () => {
    const rows = drawTransportsTable(sampleTransports()).split('\n');
    expect(rows[4]!.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'Long polling',
      '386',
      '89',
      '3.7',
      '0.5',
      '5',
      '',
    ]);
  });
});
