import { expect, it } from 'vitest';
import { summarizeProfile } from '../../bench/profiles.mjs';

const parts = (library: number) => ({
  writes: 1 - library,
  zlib: 0,
  native: 0,
  collection: 0,
  node: 0,
  library,
  program: 0,
});

it('tells the medians of what was measured in rounds, in µs', () => {
  const samples = [
    { cost: 10, parts: parts(0.5) },
    { cost: 8, parts: parts(0.25) },
    { cost: 12, parts: parts(0.25) },
  ];
  expect(summarizeProfile({ scenario: { title: 'echo' }, peer: { title: 'Hawser' }, samples })).toEqual({
    title: 'echo',
    peer: 'Hawser',
    cost: 10,
    parts: { writes: 6, zlib: 0, native: 0, collection: 0, node: 0, library: 3, program: 0 },
  });
});
