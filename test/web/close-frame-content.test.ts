import { describe, expect, it } from 'vitest';
import { closeFrameContent } from '../../src/web/close-frame-content.ts';

describe('closeFrameContent', () => {
  it.each([
    [undefined, '', undefined],
    [undefined, 'bye', 1000],
    [1000, '', 1000],
    [3000, 'bye', 3000],
    [4999, 'x'.repeat(123), 4999],
  ])('of %s and %o has the code %s', (code, reason, result) => {
    expect(closeFrameContent(code, reason)).toEqual({ code: result, reason: Buffer.from(reason) });
  });

  it.each([0, 999, 1001, 1005, 1006, 2999, 5000])('refuses the code %i, and says so first', (code) => {
    const refused = expect.objectContaining({ name: 'InvalidAccessError' });
    expect(() => closeFrameContent(code, 'x'.repeat(124))).toThrow(refused);
  });

  it.each(['x'.repeat(124), 'å'.repeat(62)])('refuses a reason of more than 123 bytes', (reason) => {
    const refused = expect.objectContaining({ name: 'SyntaxError' });
    expect(() => closeFrameContent(undefined, reason)).toThrow(refused);
  });
});
