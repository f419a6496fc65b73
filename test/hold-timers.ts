import { onTestFinished, vi } from 'vitest';

/**
 * Has no timer of the test that is running be over by itself, however slow the machine is: time passes by calls of the
 * function that is returned.
 */
export function holdTimers(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}
