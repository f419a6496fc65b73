import type { Limit } from './verdict.mjs';

export const KNOWN_LIMITS: readonly Limit[];
