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

describe('an option that there is not', () => {
  const options = { connections: { type: 'string' }, size: { type: 'string', short: 's' } } as const;

  it.each([
    ['--conections', 'There is no option --conections: did you mean --connections?'],
    ['--siez=7', 'There is no option --siez: did you mean --size?'],
    ['--zzz', 'There is no option --zzz'],
    ['-x', 'There is no option -x'],
  ])('%s: %s', (typed, words) => {
    expect(() => readArguments([typed], options)).toThrow(new UsageError(words));
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
