export function median(values: readonly number[]): number;
export function spread(values: readonly number[]): { median: number; min: number; max: number };
export function significant(value: number): number;
export function quantile(values: number[], part: number): number;
export function roundedSpread(values: number[]): { median: number; min: number; max: number };
