import { describe, expect, it } from 'vitest';
import { assertTarget, isTarget } from '../../src/handshake/request-target.ts';

describe('isTarget', () => {
  it.each(['/', '/chat?a=b', '*', '/~', '!', '/%C3%BC'])('takes %j', (target) => {
    expect(isTarget(target)).toBe(true);
  });

  it.each(['', '/a b', '/\n', '/\x1b', '/\x7f', '/\x80', '/\x9b', '/ü', '/€'])('refuses %j', (target) => {
    expect(isTarget(target)).toBe(false);
  });
});

it('assertTarget throws what node:http throws', () => {
  expect(() => assertTarget('/')).not.toThrow();
  expect(() => assertTarget('/ ')).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      message: 'Request path contains unescaped characters',
      code: 'ERR_UNESCAPED_CHARACTERS',
    }),
  );
});
