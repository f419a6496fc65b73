import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/cli/latency-histogram.ts';

it('has a row for each doubling of the time, up to the last that has any', () => {
  const latencies = new LatencyHistogram();
  for (const ms of [0.02, 0.03, 0.031, 0.1, 2_000_000]) latencies.record(ms);
  const rows = latencies.draw();
  expect(latencies.count).toBe(5);
  expect(rows[0]).toBe(`${'≤ 32 µs'.padStart(12)} ${'█'.repeat(40)} 60.00 %`);
  expect(rows[1]).toBe(`${'≤ 64 µs'.padStart(12)} ${' '.repeat(40)} 0.00 %`);
  expect(rows[2]).toBe(`${'≤ 128 µs'.padStart(12)} ${'█'.repeat(13).padEnd(40)} 20.00 %`);
  expect(rows.at(-1)).toMatch(/≤ 2147\.48 s █{13} +20\.00 %/);
});

it('counts what took no time', () => {
  const latencies = new LatencyHistogram();
  latencies.record(0);
  expect(latencies.draw()).toEqual([`${'≤ 16 µs'.padStart(12)} ${'█'.repeat(40)} 100.00 %`]);
});

it('sums up by percentiles', () => {
  const latencies = new LatencyHistogram();
  for (let i = 1; i <= 1000; i++) latencies.record(i / 100);
  expect(latencies.summary).toMatch(
    /^p50 5\.0\d ms {2}p90 9\.\d\d ms {2}p99 9\.9\d ms {2}p99\.9 .* max 10\.\d\d ms$/,
  );
});
