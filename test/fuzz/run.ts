// npm run fuzz: feeds the targets with inputs until the time is over; what fails goes into the corpus.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { addToCorpus } from './corpus.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

const BATCH = 200;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    only: { type: 'string' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log('npm run fuzz -- [--minutes 10] [--only frames,heads] [--seed 1]');
  console.log(`targets: ${TARGETS.map(({ name }) => name).join(', ')}`);
} else {
  main();
}

async function main(): Promise<void> {
  const chosen = chosenTargets(options.only?.split(','));
  const started = performance.now();
  const ends = started + Number(options.minutes) * 60_000;
  const cases = new Map(chosen.map(({ name }) => [name, 0]));
  let found = 0;
  let seed = Number(options.seed);
  console.log(`seed ${seed}`);
  for (let round = 1; performance.now() < ends; round++, seed++) {
    for (const target of chosen) {
      const { runs, failed } = await fuzz(target, seed);
      cases.set(target.name, cases.get(target.name)! + runs);
      if (failed) found++;
    }
    if (round % 10 === 0) report(started, cases, found);
  }
  report(started, cases, found);
  process.exitCode = found > 0 ? 1 : 0;
}

function chosenTargets(only: readonly string[] | undefined): readonly Target[] {
  const unknown = only?.filter((each) => TARGETS.every(({ name }) => name !== each)) ?? [];
  if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}`);
  return TARGETS.filter(({ name }) => only?.includes(name) ?? true);
}

async function fuzz(target: Target, seed: number): Promise<{ runs: number; failed: boolean }> {
  const property = fc.asyncProperty(target.inputs, async (input) => target.check(input));
  const { failed, numRuns, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: BATCH,
  });
  if (!failed) return { runs: numRuns, failed };
  const failure = `${errorInstance}`.split('\n')[0]!;
  const foundBy = `npm run fuzz -- --only ${target.name} --seed ${seed}`;
  const file = addToCorpus({ target: target.name, failure, foundBy, input: counterexample![0] });
  console.log(`${target.name}: ${failure}\n  again: npm run unit -- test/fuzz -t ${file}\n  or: ${foundBy}`);
  return { runs: numRuns, failed };
}

function report(started: number, cases: ReadonlyMap<string, number>, found: number): void {
  const seconds = (performance.now() - started) / 1000;
  const total = [...cases.values()].reduce((sum, count) => sum + count, 0);
  const each = [...cases].map(([name, count]) => `${name} ${count}`).join(', ');
  console.log(`${total} cases, ${Math.round(total / seconds)}/s, ${found} found (${each})`);
}
