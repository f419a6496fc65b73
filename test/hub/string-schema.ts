import type { StandardSchema } from '../../src/hub/standard-schema.ts';

/** A schema as libraries make them: a string, which is trimmed. */
export const stringSchema: StandardSchema<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'not a string' }] },
  },
};
