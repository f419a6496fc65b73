import { DEFAULTS, type HeartbeatOptions, MAX_TIMER_MS } from './options.ts';

/** The times of a heartbeat, checked. */
export interface HeartbeatTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * Returns the times that a `heartbeat` option stands for; `undefined` when it is off.
 *
 * @throws {RangeError} A time is not from 1 to 2^31 - 1, or `timeoutMs` is more than `intervalMs`.
 */
export function heartbeatTimes(option: boolean | HeartbeatOptions | undefined): HeartbeatTimes | undefined {
  if (!option) return undefined;
  const given = option === true ? {} : option;
  const intervalMs = given.intervalMs ?? DEFAULTS.heartbeatIntervalMs;
  const timeoutMs = given.timeoutMs ?? Math.min(DEFAULTS.heartbeatTimeoutMs, intervalMs);
  assertTime('intervalMs', intervalMs, MAX_TIMER_MS);
  assertTime('timeoutMs', timeoutMs, intervalMs);
  return { intervalMs, timeoutMs };
}

function assertTime(name: string, value: number, most: number): void {
  if (typeof value === 'number' && value >= 1 && value <= most) return;
  throw new RangeError(`Invalid heartbeat.${name}: ${value} (1 to ${most})`);
}
