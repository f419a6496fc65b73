import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readResults, summarize, writeResults } from '../../matrix/results.mjs';
import { drawTable, withTable } from '../../matrix/table.mjs';

const node = summarize({ title: 'Node 24', version: '24.1.0' }, [
  { id: 'a: x', feature: 'a', error: undefined, verdict: 'passed' },
  { id: 'a: y', feature: 'a', error: undefined, verdict: 'passed' },
  { id: 'b: x', feature: 'b', error: undefined, verdict: 'passed' },
]);
const bun = summarize({ title: 'Bun', version: '1.0.0' }, [
  { id: 'a: x', feature: 'a', error: undefined, verdict: 'passed' },
  { id: 'a: y', feature: 'a', error: 'gone', verdict: 'limit' },
]);

describe('drawTable', () => {
  it('counts per feature and runtime, and in all', () => {
    expect(drawTable({ runtimes: { node24: node, bun } })).toBe(
      [
        '|     | Node 24.1.0 | Bun 1.0.0 |',
        '| --- | ----------- | --------- |',
        '| a   | all 2       | 1 of 2    |',
        '| b   | all 1       |           |',
        '| all | all 3       | 1 of 2    |',
        '',
      ].join('\n'),
    );
  });
});

describe('withTable', () => {
  it('is what docs/runtimes.md has of the committed results', () => {
    const document = readFileSync('docs/runtimes.md', 'utf8');
    expect(withTable(document, readResults('matrix/results.json'))).toBe(document);
  });

  it('wants a place for it', () => {
    expect(() => withTable('# Nothing', { runtimes: {} })).toThrow('no place for the table');
  });
});

describe('writeResults', () => {
  it('replaces what was measured, and keeps the others and the order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-results-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'results.json');
    writeResults(file, ['node24', 'bun'], { bun });
    writeResults(file, ['node24', 'bun'], { node24: node });
    expect(Object.entries(readResults(file).runtimes)).toEqual([
      ['node24', node],
      ['bun', bun],
    ]);
  });
});
