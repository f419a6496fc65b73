// What is known of each runtime, as it was measured: the file that the table in docs/runtimes.md is drawn from.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export function readResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { runtimes: {} };
}

/** Replaces what is known of the runtimes in `measured`, and leaves the others as they are. */
export function writeResults(file, order, measured) {
  const all = { ...readResults(file).runtimes, ...measured };
  const runtimes = Object.fromEntries(order.filter((name) => name in all).map((name) => [name, all[name]]));
  writeFileSync(file, `${JSON.stringify({ runtimes }, null, 2)}\n`);
}

/** Makes one runtime's entry: each feature with its cases' verdicts. */
export function summarize(runtime, outcomes) {
  const features = {};
  for (const { feature, id, verdict } of outcomes) {
    features[feature] ??= {};
    features[feature][id.slice(feature.length + 2)] = verdict;
  }
  return { title: runtime.title, version: runtime.version, features };
}
