import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { version } from '../../src/cli/version.ts';

it('is that of the package', () => {
  expect(version()).toBe(manifest.version);
});
