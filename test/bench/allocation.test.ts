import { describe, expect, it } from 'vitest';
import { summarizeAllocation } from '../../bench/allocation.mjs';
import { drawAllocationTable } from '../../bench/allocation-drawing.mjs';
import { exactly, sampleAllocation } from './drawing.ts';

describe('summarizeAllocation', () => {
  it('has the medians of those that were measured', () => {
    const buffer = { heap: 97, arrayBuffers: 24 };
    const emitted = { heap: 161, arrayBuffers: 24 };
    const samples = [160, 162, 900].map((heap) => ({
      message: { heap, arrayBuffers: 25 },
      buffer,
      emitted,
    }));
    expect(summarizeAllocation({ hawser: samples }).receivers).toEqual([
      {
        title: 'Hawser',
        message: { heap: { median: 162, min: 160, max: 900 }, arrayBuffers: exactly(25) },
        buffer: { heap: exactly(97), arrayBuffers: exactly(24) },
        emitted: { heap: exactly(161), arrayBuffers: exactly(24) },
      },
    ]);
  });
});

describe('drawAllocationTable', () => {
  it('shows what is left beside the message and its event', () => {
    const table = drawAllocationTable(sampleAllocation());
    expect(table).toMatch(/\| Hawser +\| +162 \| +25 \| +97 \| +24 \| +64 \| +2 \|/);
    expect(table).toMatch(/\| ws +\| +761 \| +26 \| +97 \| +24 \| +64 \| +602 \|/);
    expect(table).toContain('64 messages at a time. The median of 5 rounds.');
  });
});
