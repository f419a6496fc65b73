import { expect, it } from 'vitest';
import { ExitCode } from '../../src/cli/exit-code.ts';

it('tells endings apart, as scripts have to', () => {
  expect(ExitCode).toEqual({ OK: 0, FAILED: 1, USAGE: 2, CLOSED_WITH_ERROR: 3 });
});
