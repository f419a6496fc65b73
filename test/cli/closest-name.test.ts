import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestName, faultsBetween } from '../../src/cli/closest-name.ts';

/** By its definition: the last letters of both, one of them, or two changed over. */
function slowFaults(from: string, to: string): number {
  if (from === '' || to === '') return from.length + to.length;
  const last = from.at(-1) === to.at(-1) ? 0 : 1;
  const ways = [
    slowFaults(from.slice(0, -1), to.slice(0, -1)) + last,
    slowFaults(from.slice(0, -1), to) + 1,
    slowFaults(from, to.slice(0, -1)) + 1,
  ];
  if (from.length > 1 && to.length > 1 && from.at(-1) === to.at(-2) && from.at(-2) === to.at(-1)) {
    ways.push(slowFaults(from.slice(0, -2), to.slice(0, -2)) + 1);
  }
  return Math.min(...ways);
}

describe('faultsBetween', () => {
  it('is what its definition says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(fc.property(text, text, (a, b) => faultsBetween(a, b) === slowFaults(a, b)));
  });
});

describe('closestName', () => {
  const names = ['connect', 'serve', 'bench', 'key'];

  it.each([
    ['conect', 'connect'],
    ['connnect', 'connect'],
    ['cnonect', 'connect'],
    ['sevre', 'serve'],
    ['kye', 'key'],
    ['bnech', 'bench'],
    ['walk', undefined],
    ['', undefined],
    ['serving', undefined],
  ])('%s: %s', (typed, meant) => {
    expect(closestName(typed, names)).toBe(meant);
  });

  it('is none of none', () => {
    expect(closestName('a', [])).toBeUndefined();
  });
});
