import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

async function fastPathAllowed(option: boolean | undefined): Promise<boolean> {
  const allowed = await import('../../../src/node/fast-path/allowed.ts');
  return allowed.fastPathAllowed(option);
}

describe('fastPathAllowed', () => {
  beforeEach(() => {
    vi.resetModules();
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });

  it.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])('says of the option %s: %s', async (option, allowed) => {
    vi.stubEnv('HAWSER_NO_FAST_PATH', undefined);
    expect(await fastPathAllowed(option)).toBe(allowed);
  });

  it.each([undefined, true, false])('says no to %s when the environment does', async (option) => {
    vi.stubEnv('HAWSER_NO_FAST_PATH', '1');
    expect(await fastPathAllowed(option)).toBe(false);
  });

  it.each(['bun', 'deno'])('says no on %s, without a look at the environment', async (runtime) => {
    vi.stubGlobal('process', { versions: { [runtime]: '1.0.0' } });
    expect(await fastPathAllowed(true)).toBe(false);
  });
});
