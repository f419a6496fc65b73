// Reads CPU profiles of V8.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const MAX_FUNCTIONS = 25;

/** Native functions that profiles name, which hand bytes to the system. */
const WRITES = new Set(['writev', 'writeBuffer', 'writeUtf8String', 'writeAsciiString', 'writeLatin1String']);

/** The kinds of code that a process runs, in the order in which they are told. */
export const PARTS = ['writes', 'zlib', 'native', 'collection', 'node', 'library', 'program'];

/** The part of the samples that each kind of code of {@link PARTS} was found running in; all parts are 1 together. */
export function partsOf(profiled) {
  const { nodes, samples } = readProfile(profiled);
  const kinds = new Map(nodes.map(({ id, callFrame }) => [id, kindOf(callFrame)]));
  const counts = Object.fromEntries(PARTS.map((part) => [part, 0]));
  for (const id of samples) if (kinds.get(id) !== undefined) counts[kinds.get(id)]++;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(PARTS.map((part) => [part, counts[part] / total]));
}

/** Reads the samples of a file that were taken `from` and `to` some time, in µs of the monotonic clock. */
function readProfile({ file, from, to }) {
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(file, 'utf8'));
  let time = startTime;
  const inTime = samples.filter((_, i) => {
    time += timeDeltas[i];
    return time >= from && time <= to;
  });
  return { nodes, samples: inTime };
}

/** Optimized code calls zlib without a frame of its own: it is found in the function of ours that calls it. */
function kindOf({ functionName, url }) {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'collection';
  if (url.startsWith('node:')) return 'node';
  if (url.includes('/bench/servers/') || url.includes('/bench/clients/')) return 'program';
  if (url !== '') return functionName === 'putThrough' ? 'zlib' : 'library';
  if (WRITES.has(functionName)) return 'writes';
  return functionName === 'writeSync' ? 'zlib' : 'native';
}

/** The functions of a profile that were found running the most often, as lines of text. */
export function topFunctions(profiled) {
  const { nodes, samples } = readProfile(profiled);
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
