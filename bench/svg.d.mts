export function roundUp(value: number): number;
export function logarithmic(low: number, high: number, from: number, to: number): (value: number) => number;
