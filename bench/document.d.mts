import type { Source } from './results.mjs';

export function hasSection(document: string, name: string): boolean;
export function withSection(document: string, name: string, content: string): string;
export function layOut(rows: string[][]): string;
export function digits(value: number): string;
export function describeSource(source: Source): string;
