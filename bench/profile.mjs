// Reads CPU profiles of V8.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const MAX_FUNCTIONS = 25;

/** The functions of a profile that were found running the most often, as lines of text. */
export function topFunctions(file) {
  const { nodes, samples } = JSON.parse(readFileSync(file, 'utf8'));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const counts = new Map();
  // Not by the time between samples: that has what the process waited for its core.
  for (const id of samples) counts.set(names.get(id), (counts.get(names.get(id)) ?? 0) + 1);
  counts.delete('(idle)');
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_FUNCTIONS)
    .map(([name, count]) => `${((count / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name}  ${basename(url)}:${lineNumber + 1}`;
}
