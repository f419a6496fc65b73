import type { Results } from './results.mjs';

export function drawTable(results: Results, others?: Results[]): string;
export function majorOf(version: string): number;
