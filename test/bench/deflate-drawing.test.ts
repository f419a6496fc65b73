import { describe, expect, it } from 'vitest';
import { drawSizesTable, drawTuningsTable } from '../../bench/deflate-drawing.mjs';
import { sampleDeflate } from './drawing.ts';

function rowsOf(table: string): string[][] {
  return table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
}

describe('drawTuningsTable', () => {
  it('has a row for each tuning, options as code', () => {
    const rows = rowsOf(drawTuningsTable(sampleDeflate()));
    expect(rows[2]).toEqual(['', 'true: the default', '155,000', '29', '22.0 %', '18.8 %', '']);
    expect(rows[3]).toEqual(['', '`{ threshold: 0 }`', '6,000', '91', '40.0 %', '20.0 %', '']);
  });
});

describe('drawSizesTable', () => {
  it('has a row for each size, and how much dearer a thread is', () => {
    expect(rowsOf(drawSizesTable(sampleDeflate()))[2]).toEqual(['', '16 KiB', '100', '126', '1.26', '']);
  });
});
