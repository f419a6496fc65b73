import { describe, expect, it } from 'vitest';
import { drawChart } from '../../bench/chart.mjs';
import { sampleResults } from './drawing.ts';

/** The dots of ratios, by what they say. */
function dots(svg: string): Map<string, number> {
  const found = svg.matchAll(/<circle cx="([\d.]+)"[^>]*><title>([^<]+)<\/title>/g);
  return new Map([...found].map(([, x, says]) => [says!, Number(x)]));
}

function tick(svg: string, label: string): number {
  return Number(new RegExp(`<text class="quiet" x="([\\d.]+)"[^>]*>${label}</text>`).exec(svg)![1]);
}

describe('drawChart', () => {
  it('has a dot for each peer but ws, less to the left', () => {
    const svg = drawChart(sampleResults());
    const places = dots(svg);
    expect([...places.keys()].sort()).toEqual(['hawser: 0.047', 'hawser: 1.53', 'net: 0.0275']);
    expect(places.get('net: 0.0275')).toBeLessThan(places.get('hawser: 0.047')!);
    expect(places.get('hawser: 0.047')).toBeLessThan(tick(svg, '1 = ws'));
    expect(places.get('hawser: 1.53')).toBeGreaterThan(tick(svg, '1 = ws'));
  });

  it('has a logarithmic axis', () => {
    const svg = drawChart(sampleResults());
    expect(tick(svg, '0.2') - tick(svg, '0.02')).toBeCloseTo(tick(svg, '0.5') - tick(svg, '0.05'), 0);
  });

  it('is well-formed, whatever is in a title', () => {
    const svg = drawChart(sampleResults());
    expect(svg).toContain('echo &lt;20> B');
    expect(svg.match(/<(?!\/|\?)[a-z]+[^>]*[^/]>/g)!.length).toBe(svg.match(/<\/[a-z]+>/g)!.length);
  });

  it('has colours for a dark page', () => {
    expect(drawChart(sampleResults())).toContain('@media (prefers-color-scheme: dark)');
  });
});
