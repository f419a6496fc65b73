import { describe, expect, it } from 'vitest';
import { PAYLOADS } from '../../bench/payloads.mjs';
import { quantile } from '../../bench/statistics.mjs';
import { latenciesOf, summarizeTransports } from '../../bench/transports.mjs';

describe('latenciesOf', () => {
  it('takes the time between sending and arrival, in ms, of those that were sent at a fixed rate', () => {
    const sentAt = [1000, 2000, 3000];
    const times = [1100, 2500, 3100, 1200, 2700, 4000];
    expect(latenciesOf(times, sentAt, 1)).toEqual([0.5, 0.1, 0.7, 1]);
  });
});

describe('quantile', () => {
  it('is the least that a part of the values does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0.5, 0.99, 1, 0].map((part) => quantile(values, part))).toEqual([50, 99, 100, 1]);
    expect(quantile([7], 0.99)).toBe(7);
  });
});

describe('summarizeTransports', () => {
  it('has the median of the rounds, and the spread', () => {
    const round = (cpu: number) => ({ cpu, bytesDown: 204.0123, bytesUp: 0, p50: 1, p99: 2, load: cpu / 2 });
    const { websocket, ...others } = summarizeTransports({ websocket: [3, 9, 4].map(round) });
    expect(others).toEqual({});
    expect(websocket).toMatchObject({
      title: 'WebSocket',
      cpu: { median: 4, min: 3, max: 9 },
      bytesDown: { median: 204, min: 204, max: 204 },
      load: 2,
    });
  });
});

describe('an update', () => {
  it('is one JSON object on one line, as long as it has to be, and no two are the same', () => {
    const updates = Array.from({ length: 200 }, (_, i) => PAYLOADS.update(200, i));
    expect(updates.every(({ length }) => length === 200)).toBe(true);
    expect(updates.map((update) => JSON.parse(update.toString()).number)).toEqual(updates.map((_, i) => i));
    expect(updates.some((update) => update.includes('\n'))).toBe(false);
  });
});
