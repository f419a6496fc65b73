import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { RECORD } from './record.ts';
import { RELEASES } from './releases.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const bites: Record<string, { changes: Record<string, number>; unbitten: string[] }> = JSON.parse(
  readFileSync(join(folder, 'bite.json'), 'utf8'),
);

/** The titles of the tests of this folder that name a row, as `file row N: title`. */
function titlesInSource(): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'record.test.ts');
  return files.flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    return [...source.matchAll(/(['"`])(row \d+: .*?)\1/g)].map(([, , title]) => `${file} ${title}`);
  });
}

describe('the record', () => {
  it('has every entry once', () => {
    expect(RECORD.map(({ row }) => row)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
  });

  it('names the tests that there are, and no others', () => {
    const named = RECORD.flatMap(({ row, file, tests, hub = [] }) => [
      ...tests.map((title) => `${file}.test.ts row ${row}: ${title}`),
      ...hub.map((title) => `hub.test.ts row ${row}: ${title}`),
    ]);
    expect(named.sort()).toEqual(titlesInSource().sort());
  });

  it('has tests for every entry', () => {
    expect(RECORD.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });
});

describe('the changes that the tests have to notice', () => {
  it.each(MUTATIONS)('row $row: "without $undoes" can be made', ({ file, edits }) => {
    const source = readFileSync(join(folder, '../../src', file), 'utf8');
    for (const [search] of edits) expect([search, source.split(search).length - 1]).toEqual([search, 1]);
  });

  it.each(RECORD)('of row $row were all noticed, by every test', ({ row }) => {
    const mutations = MUTATIONS.filter((mutation) => mutation.row === row).map(
      ({ undoes }) => `without ${undoes}`,
    );
    const releases = RELEASES.filter(({ rows }) => rows.includes(row)).map(
      ({ name, version }) => `${name}@${version}`,
    );
    const { changes, unbitten } = bites[row]!;
    expect(Object.keys(changes)).toEqual([...mutations, ...releases]);
    expect(mutations.length).toBeGreaterThan(0);
    expect([Math.min(...Object.values(changes)) > 0, unbitten]).toEqual([true, []]);
  });
});
