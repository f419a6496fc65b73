import type { DeflateResults } from './deflate.mjs';

export function drawTuningsTable(results: DeflateResults): string;
export function drawSizesTable(results: DeflateResults): string;
