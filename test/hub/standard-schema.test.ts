import { expect, it } from 'vitest';
import { type StandardSchema, validate } from '../../src/hub/standard-schema.ts';
import type { HubError } from '../../src/wire/index.ts';
import { stringSchema } from './string-schema.ts';

it('returns what the schema makes of the data, now or later', async () => {
  expect(await validate(stringSchema, ' a ')).toBe('a');
  const later: StandardSchema<unknown, number> = {
    '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: Number(value) }) },
  };
  expect(await validate(later, '7')).toBe(7);
});

it('tells of each issue its words and its place, as strings', async () => {
  const issues = [{ message: 'odd', path: ['a', { key: 1 }, Symbol('s')], secret: 'of the schema' }];
  const schema: StandardSchema = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
  };
  await expect(validate(schema, 7)).rejects.toMatchObject({
    code: 'INVALID_DATA',
    details: [{ message: 'odd', path: ['a', '1', 'Symbol(s)'] }],
  });
  const error = (await validate(schema, 7).catch((caught: unknown) => caught)) as HubError;
  expect(JSON.stringify(error.details)).not.toContain('secret');
  await expect(validate(stringSchema, 7)).rejects.toMatchObject({ details: [{ path: [] }] });
});
