import { expect, it } from 'vitest';
import { subprotocol } from '../../src/ws/subprotocol.ts';

// What ws does too is in test/compat/exported-header-parsers.test.ts, for both.
it('lets its function be called on its own', () => {
  const { parse } = subprotocol;
  expect([...parse('foo, bar')]).toEqual(['foo', 'bar']);
});
