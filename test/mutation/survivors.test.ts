import { describe, expect, it } from 'vitest';
import { compare, type Mutant, outcomeOf } from '../../mutation/survivors.ts';

const SOURCE = `function f(a: number) {
  if (a < 1) return 0;
  return g(a, () => {
    h();
  });
}`;

function mutant(status: string, replacement: string, start: [number, number], end: [number, number]): Mutant {
  const [from, to] = [start, end].map(([line, column]) => ({ line, column }));
  return { status, replacement, location: { start: from!, end: to! } };
}

const CONDITION = mutant('Survived', 'a <= 1', [2, 7], [2, 12]);
const BLOCK = mutant('NoCoverage', '{}', [3, 21], [5, 4]);

describe('outcomeOf', () => {
  it('shows what no test noticed as it was and as it became, and counts the others', () => {
    const others = ['Killed', 'Timeout', 'RuntimeError', 'Ignored'].map((status) => ({
      ...CONDITION,
      status,
    }));
    expect(outcomeOf(SOURCE, [...others, CONDITION, BLOCK])).toEqual({
      mutants: 5,
      noticed: 3,
      score: 60,
      survivors: [
        { code: 'if (a < 1) return 0;', becomes: 'if (a <= 1) return 0;' },
        { code: 'return g(a, () => {', becomes: 'return g(a, () => {});' },
      ],
    });
  });

  it('is perfect where there is nothing to change', () => {
    expect(outcomeOf('', [])).toEqual({ mutants: 0, noticed: 0, score: 100, survivors: [] });
  });
});

describe('compare', () => {
  const survivor = { code: 'a', becomes: 'b' };
  const other = { code: 'a', becomes: 'c' };
  const because = 'it is the same';

  it('is content when each is explained', () => {
    const explanations = { f: [{ ...other, because }], g: [{ ...survivor, because }] };
    const results = { f: { survivors: [other] }, g: { survivors: [survivor] }, h: { survivors: [] } };
    expect(compare(results, explanations)).toEqual({ unexplained: [], outdated: [] });
  });

  it('lists what is not explained, and explanations of what does not survive, for each file', () => {
    const explanations = { g: [{ ...survivor, because }] };
    expect(compare({ f: { survivors: [survivor] } }, explanations)).toEqual({
      unexplained: ['f: a → b'],
      outdated: ['g: a → b'],
    });
  });

  it('wants an explanation for each of the same survivors', () => {
    const explanations = { f: [{ ...survivor, because }] };
    expect(compare({ f: { survivors: [survivor, survivor] } }, explanations)).toEqual({
      unexplained: ['f: a → b'],
      outdated: [],
    });
  });
});
