import type { Results } from './results.mjs';

export function drawChart(results: Results): string;
