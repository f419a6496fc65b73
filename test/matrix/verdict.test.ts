import { describe, expect, it } from 'vitest';
import { KNOWN_LIMITS } from '../../matrix/known-limits.mjs';
import { readResults } from '../../matrix/results.mjs';
import { RUNTIMES } from '../../matrix/runtimes.mjs';
import { judge } from '../../matrix/verdict.mjs';

const LIMITS = [
  { runtime: 'bun', of: 'a: one case', symptom: 'no such thing', why: 'it has none' },
  { runtime: 'bun', of: 'b', symptom: 'not there', why: 'nothing of b' },
];

describe('judge', () => {
  it('takes what it is told where no limit is known', () => {
    const outcome = { id: 'a: one case', feature: 'a' };
    expect(judge(LIMITS, 'deno', { ...outcome, error: undefined }).verdict).toBe('passed');
    expect(judge(LIMITS, 'deno', { ...outcome, error: 'no such thing' })).toEqual({
      verdict: 'failed',
      detail: 'no such thing',
    });
  });

  it('sets a known limit apart, of a case or of a feature', () => {
    const error = 'Error: no such thing';
    expect(judge(LIMITS, 'bun', { id: 'a: one case', feature: 'a', error })).toEqual({
      verdict: 'limit',
      detail: 'it has none',
    });
    expect(judge(LIMITS, 'bun', { id: 'b: any', feature: 'b', error: 'not there' }).verdict).toBe('limit');
    expect(judge(LIMITS, 'bun', { id: 'a: another', feature: 'a', error }).verdict).toBe('failed');
  });

  it('fails a known limit with another symptom, and one that passes', () => {
    const outcome = { id: 'a: one case', feature: 'a' };
    expect(judge(LIMITS, 'bun', { ...outcome, error: 'hangs' }).verdict).toBe('failed');
    expect(judge(LIMITS, 'bun', { ...outcome, error: undefined }).verdict).toBe('failed');
  });
});

describe('the committed results', () => {
  const { runtimes } = readResults('matrix/results.json');

  it('are of the versions that are tried', () => {
    const versions = Object.entries(runtimes).map(([name, { version }]) => [name, version]);
    expect(versions).toEqual(RUNTIMES.map(({ name, version }) => [name, version]));
  });

  it('have no failure, and a limit just where one is known', () => {
    for (const [runtime, { features }] of Object.entries(runtimes)) {
      for (const [feature, cases] of Object.entries(features)) {
        for (const [name, verdict] of Object.entries(cases)) {
          const known = KNOWN_LIMITS.some(
            (limit) => limit.runtime === runtime && [feature, `${feature}: ${name}`].includes(limit.of),
          );
          expect(verdict, `${runtime} ${feature}: ${name}`).toBe(known ? 'limit' : 'passed');
        }
      }
    }
  });
});
