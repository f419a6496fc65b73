import type { AllocationResults } from '../../bench/allocation.mjs';
import type { DeflateResults } from '../../bench/deflate.mjs';
import type { GrowthResults } from '../../bench/growth.mjs';
import { type Http2Results, summarizeHttp2 } from '../../bench/http2.mjs';
import { type HubResults, summarizeHub } from '../../bench/hub.mjs';
import type { ProfileResults } from '../../bench/profiles.mjs';
import type { Figures, Results, Source } from '../../bench/results.mjs';
import type { TransportResults } from '../../bench/transports.mjs';

const SOURCE: Source = {
  date: '2025-01-02',
  machine: { cpu: 'A CPU', cores: 2, memoryGiB: 8, system: 'Linux 6', loadAverageBefore: 0 },
  versions: { hawser: '0.1.0', node: '20.1.0', ws: '8.23.0' },
  rounds: 5,
};

/** Results of two scenarios for the tests of table and chart. */
export function sampleResults(): Results {
  return {
    ...SOURCE,
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

export function sampleTransports(): TransportResults {
  const transport = (title: string, bytesDown: number, bytesUp: number, ms: number) => ({
    title,
    cpu: exactly(3.7),
    bytesDown: exactly(bytesDown),
    bytesUp: exactly(bytesUp),
    p50: exactly(ms),
    p99: exactly(ms * 10),
    load: 1,
  });
  return {
    ...SOURCE,
    clients: 100,
    bytes: 200,
    transports: {
      websocket: transport('WebSocket', 204, 0.07, 0.31),
      deflate: transport('WebSocket, deflate <with> a context', 52, 0.1, 4.3),
      polling: transport('Long polling', 386, 89.4, 0.5),
    },
  };
}

export function sampleGrowth(): GrowthResults {
  const delay = { p50: exactly(1.06), p99: exactly(31.4), max: exactly(50.2) };
  return {
    ...SOURCE,
    counts: [10, 100, 1000],
    peers: {
      hawser: {
        title: 'Hawser',
        cpu: [6, 6.4, 8.4].map(exactly),
        resident: [50, 52, 62].map((mib) => exactly(mib * 2 ** 20)),
        perConnection: exactly(11_650),
      },
      ws: {
        title: 'ws',
        cpu: [7, 7.5, 10].map(exactly),
        resident: [50, 53, 63].map((mib) => exactly(mib * 2 ** 20)),
        perConnection: exactly(12_345),
      },
    },
    delays: { 'receive-100m': { title: '100 MiB arrive', peers: { hawser: delay, ws: delay } } },
  };
}

export function sampleDeflate(): DeflateResults {
  return {
    ...SOURCE,
    tunings: [
      { title: 'true: the default', cpu: exactly(28.6), memory: exactly(155_000), output: [0.2204, 0.188] },
      { title: '{ threshold: 0 }', cpu: exactly(91), memory: exactly(6_000), output: [0.4, 0.2] },
    ],
    sizes: [{ bytes: 16_384, atOnce: exactly(100), inThread: exactly(126) }],
  };
}

export function sampleAllocation(): AllocationResults {
  const bytes = (heap: number, arrayBuffers: number) => ({
    heap: exactly(heap),
    arrayBuffers: exactly(arrayBuffers),
  });
  return {
    ...SOURCE,
    bytes: 20,
    atATime: 64,
    receivers: [
      { title: 'Hawser', message: bytes(162, 25), buffer: bytes(97, 24), emitted: bytes(161, 24) },
      { title: 'ws', message: bytes(761.4, 26), buffer: bytes(97, 24), emitted: bytes(161, 24) },
    ],
  };
}

/** Each subject costs a multiple of what the one before costs. */
export function sampleHttp2(): Http2Results {
  const scenario = (...ids: string[]) =>
    Object.fromEntries(ids.map((id, i) => [id, [10, 20, 12].map((cost) => cost * 2 ** i)]));
  const servers = scenario('http1', 'one', 'each', 'ws', 'node');
  const scenarios = summarizeHttp2({
    'echo-20-64': servers,
    'echo-64k': servers,
    broadcast: servers,
    handshake: servers,
    'receive-20': scenario('http1', 'http2', 'undici', 'deno'),
  });
  return { ...SOURCE, scenarios };
}

export function sampleHub(): HubResults {
  const costs = { broadcast: [4, 10, 5], hub: [4.4, 10.5, 6], 'socket.io': [12, 25, 15] };
  return { ...SOURCE, clients: 1_000, paces: [1, 8].map((atATime) => summarizeHub({ atATime, costs })) };
}

export function exactly(value: number): Figures {
  return { median: value, min: value, max: value };
}

/** What the CPU time of a message goes to, of two peers. */
export function sampleProfiles(): ProfileResults {
  const parts = { writes: 3, zlib: 0, native: 0.5, collection: 0.1, node: 0.7, library: 0.5, program: 0.001 };
  return {
    ...SOURCE,
    profiles: [
      { title: 'echo', peer: 'Hawser', cost: 4.8, parts },
      { title: 'echo', peer: 'bare sockets', cost: 5.6, parts: { ...parts, library: 0 } },
    ],
  };
}
