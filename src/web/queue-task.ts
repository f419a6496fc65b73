import { setImmediate } from 'node:timers';

/**
 * Runs `step` with `args` in a task of its own, after those queued before it: promise reactions of one task come before
 * the next one.
 *
 * It is read once: what fake timers put in its place is for the program's own waiting.
 */
export const queueTask: <Args extends unknown[]>(step: (...args: Args) => void, ...args: Args) => void =
  setImmediate;
