import { expect, it } from 'vitest';
import { extension } from '../../src/ws/extension.ts';

// What ws does too is in test/compat/exported-header-parsers.test.ts, for both.
it('lets its functions be called on their own', () => {
  const { parse, format } = extension;
  expect(format(parse('foo;bar,foo'))).toBe('foo; bar, foo');
});

it('gives each call objects of its own', () => {
  const first = extension.parse('foo');
  first.foo![0]!.bar = [true];
  expect(extension.format(extension.parse('foo'))).toBe('foo');
});
