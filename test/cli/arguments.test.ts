import { describe, expect, it } from 'vitest';
import { readArguments, readNumber, readUrl } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('readArguments', () => {
  it('reads options and what stands beside them', () => {
    const { values, positionals } = readArguments(['a', '--x', '1'], { x: { type: 'string' } });
    expect([values.x, positionals]).toEqual(['1', ['a']]);
  });

  it.each([[['--y']], [['--x']]])('refuses %j', (args) => {
    expect(() => readArguments(args, { x: { type: 'string' } })).toThrow(UsageError);
  });
});

describe('readNumber', () => {
  it('reads numbers from the least on', () => {
    expect([readNumber('n', '0', 0), readNumber('n', '1.5', 1)]).toEqual([0, 1.5]);
  });

  it.each(['', ' ', 'x', '-1', 'NaN', '0.9'])('refuses %o', (text) => {
    expect(() => readNumber('n', text, 1)).toThrow(
      new UsageError(`--n wants a number of 1 or more, not "${text}"`),
    );
  });
});

describe('readUrl', () => {
  it.each([
    ['ws://a', 'ws://a'],
    ['localhost:8080', 'ws://localhost:8080'],
    ['example.org/path', 'ws://example.org/path'],
    ['ws+unix:///tmp/x', 'ws+unix:///tmp/x'],
    ['WSS://A', 'WSS://A'],
  ])('takes %s for %s', (text, url) => {
    expect(readUrl('connect', [text])).toBe(url);
  });

  it.each([[[]], [['a', 'b']], [['ws://']]])('refuses %j', (positionals) => {
    expect(() => readUrl('connect', positionals)).toThrow(UsageError);
  });
});
