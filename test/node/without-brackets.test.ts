import { expect, it } from 'vitest';
import { withoutBrackets } from '../../src/node/without-brackets.ts';

it('takes brackets off IPv6 addresses alone', () => {
  expect(withoutBrackets('[::1]')).toBe('::1');
  expect(withoutBrackets('127.0.0.1')).toBe('127.0.0.1');
  expect(withoutBrackets('example.com')).toBe('example.com');
});
