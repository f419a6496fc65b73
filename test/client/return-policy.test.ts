import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ReconnectingOptions, readOptions } from '../../src/client/options.ts';
import { ReturnPolicy } from '../../src/client/return-policy.ts';

beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(1));
afterEach(() => void vi.restoreAllMocks());

const policyOf = (options: ReconnectingOptions = {}) => new ReturnPolicy(readOptions(options));
const close = (code: number) => ({ code, reason: '', wasClean: true });

describe('ReturnPolicy', () => {
  it('comes back, later or never, by the code', () => {
    const policy = policyOf();
    expect(policy.after(close(1006), false)).toEqual({ delayMs: 1000, attempt: 1, mayHurry: true });
    expect(policy.after(close(4429), false)).toEqual({ delayMs: 32_000, attempt: 2, mayHurry: false });
    expect(policy.after(close(1000), false)).toBe('refused');
  });

  it('ends after so many retries, which a reset gives again', () => {
    const policy = policyOf({ maxRetries: 1 });
    policy.after(close(1006), false);
    expect(policy.after(close(1006), false)).toBe('exhausted');
    expect(policy.retries).toBe(1);
    policy.reset();
    expect(policy.after(close(1006), false)).toMatchObject({ attempt: 1 });
  });

  it('does not count while there is no network', () => {
    const policy = policyOf({ maxRetries: 0 });
    expect(policy.after(close(1006), true)).toEqual({ delayMs: 30_000, attempt: 0, mayHurry: true });
  });

  it('leaves the decision to shouldReconnect', () => {
    const policy = policyOf({ shouldReconnect: ({ code }) => code === 1000 });
    expect(policy.after(close(1000), false)).toMatchObject({ delayMs: 1000 });
    expect(policy.after(close(1006), false)).toBe('refused');
  });

  it('still comes later where that lets it come', () => {
    const policy = policyOf({ shouldReconnect: () => true });
    expect(policy.after(close(1013), false)).toMatchObject({ mayHurry: false });
  });

  it('comes back once after 4401 where it may, and once more after a connection that held', () => {
    const policy = policyOf({ retryUnauthorized: true });
    expect(policyOf().after(close(4401), false)).toBe('refused');
    expect(policy.after(close(4401), false)).toMatchObject({ attempt: 1 });
    expect(policy.after(close(4401), false)).toBe('refused');
    policy.reset();
    expect(policy.after(close(4401), false)).toMatchObject({ attempt: 1 });
  });
});
