import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.ts';
import { TARGETS } from './targets.ts';

/** Few, for a run that is short: `npm run fuzz` goes on for as long as it is told. */
const RUNS: Readonly<Record<string, number>> = {
  frames: 1500,
  heads: 2000,
  extensions: 3000,
  inflate: 400,
  messages: 3000,
  sessions: 250,
};

it.each(TARGETS)(
  'keeps the invariants of $name',
  async ({ name, inputs, check }) => {
    const property = fc.asyncProperty(inputs, async (input) => check(input));
    await fc.assert(property, { numRuns: RUNS[name]! });
  },
  60_000,
);

describe('the corpus of past failures', () => {
  it.each(readCorpus())('$file: $failure', async ({ target, input }) => {
    const { check } = TARGETS.find(({ name }) => name === target)!;
    await check(input);
  });

  it('is of targets that exist', () => {
    const names = TARGETS.map(({ name }) => name);
    expect(readCorpus().filter(({ target }) => !names.includes(target))).toEqual([]);
  });
});
