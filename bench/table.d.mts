import type { Results } from './results.mjs';

export function hasPlace(document: string): boolean;
export function withTable(document: string, results: Results): string;
export function drawTable(results: Results): string;
