// npm run bench -- --profiles: what the CPU time of a message goes to, of Hawser, of ws and of bare sockets.
import { measure } from './measurement.mjs';
import { isAble, PEERS } from './peers.mjs';
import { PARTS, partsOf } from './profile.mjs';
import { startProgress } from './progress.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { median, significant } from './statistics.mjs';

const ROUNDS = 3;
const QUICK_ROUNDS = 1;

/** The floor stands beside the two. */
export const PROFILED_PEERS = PEERS.filter(({ id }) => ['hawser', 'ws', 'net'].includes(id));

/** Those that are about CPU, and have short messages: of long ones nearly all time is copying. */
const PROFILED = SCENARIOS.filter(
  ({ kind, id }) => kind !== 'memory' && !['echo-64k', 'echo-1m'].includes(id),
);

/** Measures each scenario with a profile, in rounds. */
export async function measureProfiles(bench, quick) {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const plan = PROFILED.flatMap((scenario) =>
    PROFILED_PEERS.filter((peer) => isAble(peer, scenario) && isVisible(peer, scenario)).map((peer) => ({
      scenario,
      peer,
      samples: [],
    })),
  );
  const progress = startProgress(plan.length * rounds);
  for (let round = 0; round < rounds; round++) {
    for (const { scenario, peer, samples } of plan) {
      progress.step(`profile ${scenario.id} ${peer.id}`);
      samples.push(await measureProfile(scenario, peer, bench));
    }
  }
  progress.clear();
  return { rounds, profiles: plan.map(summarizeProfile) };
}

/** What `ws` compresses, it compresses in threads, which a profile does not see. */
function isVisible({ id }, { deflate }) {
  return !(deflate && id === 'ws');
}

async function measureProfile(scenario, peer, bench) {
  const { cost, profiled } = await measure(scenario, peer, bench);
  return { cost, parts: partsOf(profiled) };
}

/** Puts the samples of one peer in one scenario together: µs of each message, in all and by kind of code. */
export function summarizeProfile({ scenario, peer, samples }) {
  const microseconds = (part) => significant(median(samples.map(({ cost, parts }) => cost * parts[part])));
  return {
    title: scenario.title,
    peer: peer.title,
    cost: significant(median(samples.map(({ cost }) => cost))),
    parts: Object.fromEntries(PARTS.map((part) => [part, microseconds(part)])),
  };
}
