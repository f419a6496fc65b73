// Reads the CPU profiles that node --cpu-prof leaves.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const MAX_FUNCTIONS = 25;

/** The functions of all profiles in a folder that took the most time themselves, as lines of text. */
export function topFunctions(folder) {
  const times = new Map();
  for (const name of readdirSync(folder))
    addSelfTimes(JSON.parse(readFileSync(join(folder, name), 'utf8')), times);
  // Waiting is no work.
  times.delete('(idle)');
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_FUNCTIONS)
    .map(([name, time]) => `${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function addSelfTimes({ nodes, samples, timeDeltas }, times) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  samples.forEach((id, i) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
  });
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name}  ${basename(url)}:${lineNumber + 1}`;
}
