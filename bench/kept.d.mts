import type { AllocationResults } from './allocation.mjs';
import type { DeflateResults } from './deflate.mjs';
import type { GrowthResults } from './growth.mjs';
import type { Http2Results } from './http2.mjs';
import type { HubResults } from './hub.mjs';
import type { ProfileResults } from './profiles.mjs';
import type { Results } from './results.mjs';
import type { TransportResults } from './transports.mjs';

export interface Kept {
  main: Results | undefined;
  others: Results[];
  transports: TransportResults | undefined;
  growth: GrowthResults | undefined;
  deflate: DeflateResults | undefined;
  allocation: AllocationResults | undefined;
  profiles: ProfileResults | undefined;
  http2: Http2Results | undefined;
  hub: HubResults | undefined;
}

export const MIN_ROUNDS: number;
export const DOCUMENTS: Record<string, (text: string, kept: Kept) => string>;
export function fileFor(node: string): string;
export function peersFor(node: string): { id: string }[];
export function lacksOf(results: Pick<Results, 'rounds' | 'scenarios' | 'versions'>): string[];
export function readKept(folder: string): Kept;
export function drawCharts(kept: Kept): Record<string, string>;
export function drawKept(root: string): void;
