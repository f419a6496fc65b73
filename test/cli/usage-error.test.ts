import { expect, it } from 'vitest';
import { UsageError } from '../../src/cli/usage-error.ts';

it('is told from the errors of a program', () => {
  expect(new UsageError('say it otherwise')).toBeInstanceOf(Error);
  expect(new Error('broken')).not.toBeInstanceOf(UsageError);
});
