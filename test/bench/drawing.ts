import type { Figures, Results } from '../../bench/results.mjs';

/** Results of two scenarios for the tests of table and chart. */
export function sampleResults(): Results {
  return {
    date: '2025-01-02',
    machine: { cpu: 'A CPU', cores: 2, memoryGiB: 8, system: 'Linux 6', loadAverageBefore: 0 },
    versions: { hawser: '0.1.0', ws: '8.23.0' },
    rounds: 5,
    windowMs: 2000,
    scenarios: {
      'echo-20-64': {
        title: 'echo <20> B',
        kind: 'echo',
        unit: 'µs',
        target: 0.05,
        peers: {
          hawser: { cost: exactly(0.3456), ratios: { ws: exactly(0.047) }, rate: 3e6 },
          ws: { cost: exactly(7.25), ratios: {}, rate: 1e5 },
          net: { cost: exactly(0.2), ratios: { ws: exactly(0.0275) }, rate: 4e6 },
        },
      },
      idle: {
        title: 'memory',
        kind: 'memory',
        unit: 'bytes',
        target: 0.8,
        peers: {
          hawser: { cost: exactly(11_300), ratios: { ws: exactly(1.53) } },
          ws: { cost: exactly(7400), ratios: {} },
        },
      },
    },
  };
}

function exactly(value: number): Figures {
  return { median: value, min: value, max: value };
}
