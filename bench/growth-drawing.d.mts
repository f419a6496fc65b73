import type { GrowthResults } from './growth.mjs';

export function drawGrowthChart(results: GrowthResults): string;
export function drawGrowthTable(results: GrowthResults): string;
export function drawDelayTable(results: GrowthResults): string;
export function spaceOut(places: number[], distance: number): number[];
