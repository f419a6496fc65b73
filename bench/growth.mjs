// npm run bench -- --growth: what becomes of a server's costs when its connections get many, and how late its event loop is.
import { measure } from './measurement.mjs';
import { PEERS } from './peers.mjs';
import { startProgress } from './progress.mjs';
import { roundedSpread } from './statistics.mjs';

const COUNTS = [10, 100, 1000, 10_000];
const QUICK_COUNTS = [10, 100, 1000];
const WHOLE_ROUNDS = 3;
/** Shorter than for the scenarios: counts and peers make many measurements. */
const TIMES = { warmUpMs: 500, windowMs: 1000 };
export const GROWTH_PEERS = PEERS.filter(({ id }) => ['hawser', 'ws', 'net'].includes(id));

/** Those that have messages: the bare sockets only pass bytes on. */
const DELAY_PEERS = GROWTH_PEERS.filter(({ raw }) => !raw);

const DELAYS = [
  {
    id: 'receive-100m',
    title: 'messages of 100 MiB arrive, one after the other',
    kind: 'delay',
    mode: 'receive',
    payload: ['blank', 100 * 2 ** 20],
    connections: 1,
    messages: 1,
  },
  {
    id: 'broadcast-128-10000',
    title: '128 B go to 10,000 connections, again and again',
    kind: 'delay',
    mode: 'broadcast',
    payload: ['binary', 128],
    connections: 10_000,
    messages: 1,
  },
];

/** Measures all peers in turns, round after round. */
export async function measureGrowth(bench, quick) {
  const rounds = quick ? 1 : WHOLE_ROUNDS;
  const counts = quick ? QUICK_COUNTS : COUNTS;
  const steps = planSteps(counts, quick);
  const progress = startProgress(rounds * steps.length);
  const samples = new Map(steps.map((step) => [step, []]));
  for (let round = 0; round < rounds; round++) {
    for (const step of steps) {
      progress.step(`${step.scenario.id} ${step.peer.id}`);
      samples.get(step).push(await measure(step.scenario, step.peer, { ...bench, ...TIMES }));
    }
  }
  progress.clear();
  const measured = steps.map((step) => ({ ...step, samples: samples.get(step) }));
  return { rounds, counts, ...summarizeGrowth(counts, measured) };
}

function planSteps(counts, quick) {
  const residence = { id: 'residence', kind: 'residence', connections: counts.at(-1), counts };
  const scenarios = [...counts.map(echo), residence].flatMap((scenario) =>
    GROWTH_PEERS.map((peer) => ({ scenario, peer })),
  );
  const delays = DELAYS.map((scenario) => ({
    ...scenario,
    connections: Math.min(scenario.connections, counts.at(-1)),
  })).flatMap((scenario) => DELAY_PEERS.map((peer) => ({ scenario, peer })));
  return quick ? scenarios : [...scenarios, ...delays];
}

/** @param measured - Scenario, peer and samples. */
export function summarizeGrowth(counts, measured) {
  const find = (kind, id) =>
    measured.filter(({ scenario, peer }) => scenario.kind === kind && peer.id === id);
  const peers = GROWTH_PEERS.map(({ id, title }) => {
    const cpu = find('echo', id).map(({ samples }) => roundedSpread(samples.map(({ cost }) => cost)));
    const resident = find('residence', id).flatMap(({ samples }) =>
      counts.map((_, i) => roundedSpread(samples.map(({ resident }) => resident[i]))),
    );
    const bytes = find('residence', id).map(({ samples }) =>
      roundedSpread(samples.map(({ resident }) => perConnection(counts, resident))),
    )[0];
    return [id, { title, cpu, resident, perConnection: bytes }];
  });
  const delays = DELAYS.map(({ id, title }) => {
    const those = measured.filter(({ scenario }) => scenario.id === id);
    return [
      id,
      { title, peers: Object.fromEntries(those.map(({ peer, samples }) => [peer.id, delay(samples)])) },
    ];
  });
  return { peers: Object.fromEntries(peers), delays: Object.fromEntries(delays) };
}

/** Between the two greatest counts: where they are few, what else the process allocates is more. */
function perConnection(counts, resident) {
  return (resident.at(-1) - resident.at(-2)) / (counts.at(-1) - counts.at(-2));
}

function delay(samples) {
  return Object.fromEntries(
    ['p50', 'p99', 'max'].map((name) => [name, roundedSpread(samples.map((sample) => sample[name]))]),
  );
}

function echo(connections) {
  return {
    id: `echo-20-1 at ${connections}`,
    kind: 'echo',
    payload: ['binary', 20],
    connections,
    messages: 1,
  };
}
