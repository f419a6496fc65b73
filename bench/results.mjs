// bench/results.json: what was measured, and on what.
import { readFileSync, writeFileSync } from 'node:fs';
import { REFERENCES } from './peers.mjs';
import { unitOf } from './scenarios.mjs';
import { roundedSpread } from './statistics.mjs';

export function readResults(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Puts the samples of a scenario together.
 *
 * @param samples - For each peer's id what was measured, round after round.
 */
export function summarize(scenario, samples) {
  const peers = Object.entries(samples).map(([id, measured]) => [id, summarizePeer(id, measured, samples)]);
  const { title, kind, target } = scenario;
  return { title, kind, unit: unitOf(scenario), target, peers: Object.fromEntries(peers) };
}

function summarizePeer(id, measured, samples) {
  const figures = (name) => roundedSpread(measured.map((sample) => sample[name]));
  const isCpu = measured[0].rate !== undefined;
  const ratios = REFERENCES.filter((reference) => reference !== id && samples[reference] !== undefined).map(
    // Each round's figure by that of the same round: what slows a round down slows both.
    (reference) => [
      reference,
      roundedSpread(measured.map(({ cost }, i) => cost / samples[reference][i].cost)),
    ],
  );
  return {
    cost: figures('cost'),
    ratios: Object.fromEntries(ratios),
    ...(isCpu && {
      rate: figures('rate').median,
      busy: figures('busy').median,
      load: figures('load').median,
    }),
  };
}
