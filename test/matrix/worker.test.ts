import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from '../../matrix/verdict.mjs';
import { runSuite } from '../../matrix/worker.mjs';

/** Runs a suite whose cases are the given pieces of code. */
async function run(cases: Record<string, string>, silenceMs = 60_000): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-suite-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'suite'));
  const plan = Object.keys(cases).map((id) => ({ id, feature: 'f' }));
  const steps = Object.entries(cases).map(
    ([id, code]) => `if (!done.includes('${id}')) { tell({ begun: '${id}' }); ${code} }`,
  );
  const script = `
    import { writeSync } from 'node:fs';
    const { done } = JSON.parse(process.env.MATRIX_SETTINGS);
    const tell = (what) => writeSync(1, '@matrix ' + JSON.stringify(what) + '\\n');
    tell({ plan: ${JSON.stringify(plan)} });
    console.log('what else is printed is nobody\\'s business');
    ${steps.join('\n')}`;
  writeFileSync(join(folder, 'suite', 'suite.mjs'), script);
  const outcomes: Outcome[] = [];
  const settings = { runtime: 'test' };
  await runSuite({ folder }, [process.execPath], settings, (outcome) => outcomes.push(outcome), {
    silenceMs,
  });
  return outcomes;
}

const passes = (id: string) => `tell({ ended: '${id}' });`;

describe('runSuite', () => {
  it('tells each outcome', async () => {
    const outcomes = await run({ a: passes('a'), b: "tell({ ended: 'b', error: 'bad' }); process.exit(0);" });
    expect(outcomes).toEqual([
      { id: 'a', feature: 'f', error: undefined },
      { id: 'b', feature: 'f', error: 'bad' },
    ]);
  });

  it('goes on in a fresh process after a case that ended its process', async () => {
    const outcomes = await run({
      a: passes('a'),
      b: "console.error('out of order'); process.kill(process.pid, 'SIGABRT'); for (;;) {}",
      c: passes('c'),
    });
    expect(outcomes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(outcomes[1]!.error).toMatch(/^ends the process: SIGABRT\nout of order/);
    expect(outcomes[2]!.error).toBeUndefined();
  });

  it('goes on after a case in which the process stands still', async () => {
    const outcomes = await run({ a: 'for (;;) {}', b: passes('b') }, 5000);
    expect(outcomes.map(({ error }) => error)).toEqual(['ends the process: SIGKILL', undefined]);
  });

  it('fails when the suite does not start', async () => {
    await expect(run({ a: 'no script' })).rejects.toThrow("the suite didn't start");
  });
});
