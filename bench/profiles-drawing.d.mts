import type { ProfileResults } from './profiles.mjs';

export function drawProfilesTable(results: ProfileResults): string;
