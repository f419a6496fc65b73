import type { AllocationResults } from './allocation.mjs';

export function drawAllocationTable(results: AllocationResults): string;
