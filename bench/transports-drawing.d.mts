import type { TransportResults } from './transports.mjs';

export function drawTransportsChart(results: TransportResults): string;
export function drawTransportsTable(results: TransportResults): string;
