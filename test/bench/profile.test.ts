import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { partsOf, topFunctions } from '../../bench/profile.mjs';

type Node = [functionName: string, url?: string, lineNumber?: number];

/** Writes a profile whose samples have the ids of nodes, from 1 on, 10 µs after each other; the first comes at 110. */
function profileOf(nodes: Node[], samples: number[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.cpuprofile');
  const profile = {
    nodes: nodes.map(([functionName, url = '', lineNumber = -1], i) => ({
      id: i + 1,
      callFrame: { functionName, url, lineNumber },
    })),
    samples,
    timeDeltas: samples.map(() => 10),
    startTime: 100,
  };
  writeFileSync(file, JSON.stringify(profile));
  return file;
}

const ALWAYS = { from: 0, to: Number.POSITIVE_INFINITY };

it('counts how often each function was found running, without waiting', () => {
  const nodes: Node[] = [
    ['parse', 'file:///dist/core.js', 9],
    ['parse', 'file:///dist/core.js', 9],
    ['(idle)'],
    ['', 'node:net', 0],
  ];
  const file = profileOf(nodes, [1, 2, 1, 3, 3, 4]);
  expect(topFunctions({ file, ...ALWAYS })).toEqual([
    ' 75.0 %  parse  core.js:10',
    ' 25.0 %  (anonymous)  node:net:1',
  ]);
});

it('counts only what was found in the time that was measured', () => {
  const file = profileOf([['start'], ['run'], ['end']], [1, 1, 2, 2, 3]);
  expect(topFunctions({ file, from: 125, to: 145 })).toEqual(['100.0 %  run']);
});

it('tells kinds of code apart', () => {
  const nodes: Node[] = [
    ['(idle)'],
    ['writeBuffer'],
    ['writeSync'],
    ['(program)'],
    ['(garbage collector)'],
    ['emit', 'node:events', 7],
    ['parse', 'file:///a/dist/core.js', 9],
    ['', 'file:///a/bench/servers/hawser.mjs', 3],
    ['writev'],
  ];
  const file = profileOf(nodes, [1, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9]);
  expect(partsOf({ file, ...ALWAYS })).toEqual({
    writes: 2 / 9,
    zlib: 1 / 9,
    native: 1 / 9,
    collection: 1 / 9,
    node: 1 / 9,
    library: 2 / 9,
    program: 1 / 9,
  });
});
