export function median(values: readonly number[]): number;
export function spread(values: readonly number[]): { median: number; min: number; max: number };
export function significant(value: number): number;
