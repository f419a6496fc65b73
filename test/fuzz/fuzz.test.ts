import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.ts';
import { TARGETS } from './targets.ts';

/** Few, for a run that is short: `npm run fuzz` goes on for as long as it is told. */
const RUNS: Readonly<Record<string, number>> = {
  frames: 1500,
  pieces: 1000,
  heads: 2000,
  'http2-heads': 2000,
  // Each is a server, or a client, of its own.
  'http2-frames': 30,
  extensions: 3000,
  inflate: 400,
  messages: 3000,
  sessions: 250,
  streams: 150,
};

it.each(TARGETS)(
  'keeps the invariants of $name',
  async ({ name, inputs, check }) => {
    const property = fc.asyncProperty(inputs, async (input) => check(input));
    await fc.assert(property, { numRuns: RUNS[name]! });
  },
  60_000,
);

it('can be run without the test runner', async () => {
  const program = fileURLToPath(new URL('./run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, '--help']);
  expect(stdout).toContain(`targets: ${TARGETS.map(({ name }) => name).join(', ')}`);
});

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
