// Measures scenarios in rounds, and tells what comes out.
import { measure } from './measurement.mjs';
import { isAble, REFERENCES } from './peers.mjs';
import { topFunctions } from './profile.mjs';
import { startProgress } from './progress.mjs';
import { summarize } from './results.mjs';

/** A server that had less of its core waited for others, or for the load generator. */
const LEAST_BUSY = 0.8;

/** Measures scenario by scenario, and in each the peers in turns: A B C A B C. */
export async function measureAll(scenarios, peers, rounds, bench) {
  const plan = scenarios.map((scenario) => ({
    scenario,
    able: lacksTls(scenario, bench) ? [] : peers.filter((peer) => isAble(peer, scenario)),
  }));
  const progress = startProgress(plan.reduce((sum, { able }) => sum + able.length * rounds, 0));
  const samples = {};
  const failures = scenarios
    .filter((scenario) => lacksTls(scenario, bench))
    .map(({ id }) => `${id}: the load generator was built without TLS, as OpenSSL's headers are missing`);
  for (const { scenario, able } of plan) {
    const measured = Object.fromEntries(able.map(({ id }) => [id, []]));
    samples[scenario.id] = measured;
    for (let round = 0; round < rounds; round++) {
      for (const peer of able) {
        progress.step(`${scenario.id} ${peer.id}`);
        if (measured[peer.id] === undefined) continue;
        try {
          measured[peer.id].push(await measure(scenario, peer, bench));
        } catch (error) {
          failures.push(`${scenario.id} ${peer.id}: ${error.message}`);
          delete measured[peer.id];
        }
      }
    }
    progress.clear();
    if (Object.keys(measured).length > 0) printScenario(scenario, summarize(scenario, measured));
    const { profiled } = measured[able.at(-1)?.id]?.at(-1) ?? {};
    if (profiled !== undefined) console.log(topFunctions(profiled).join('\n'));
  }
  return { samples, failures };
}

function lacksTls({ tls }, { certificate }) {
  return tls === true && certificate === undefined;
}

function printScenario(scenario, { unit, target, peers }) {
  const wanted = target === undefined ? '' : `, Hawser / ws at most ${target}`;
  console.log(`\n${scenario.id}: ${scenario.title}${wanted}`);
  for (const [id, { cost, ratios, rate, busy, load }] of Object.entries(peers)) {
    const spread = `${cost.median} ${unit} (${cost.min} to ${cost.max})`;
    const byReference = REFERENCES.filter((reference) => ratios[reference] !== undefined)
      .map((reference) => `${ratios[reference].median} of ${reference}`)
      .join(', ');
    const words = [`  ${id.padEnd(14)} ${spread.padEnd(36)} ${byReference.padEnd(40)}`];
    if (rate !== undefined) {
      words.push(`${Math.round(rate).toLocaleString('en')}/s`.padStart(12), `load ${load} µs`);
      if (load >= cost.median) words.push('(more than it measures!)');
      if (busy < LEAST_BUSY) words.push(`(${Math.round(busy * 100)} % of its core: something holds it up)`);
    }
    console.log(words.join('  ').trimEnd());
  }
}
