import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/cli/printable.ts';

describe('printable', () => {
  it.each([
    ['', ''],
    ['grüße, 日本 🚢\n\tindented', 'grüße, 日本 🚢\n\tindented'],
    ['\u001b[2J\u001b]0;title\u0007', '␛[2J␛]0;title␇'],
    ['a\r\nb\0', 'a␍\nb␀'],
    ['\u007f\u009b31m\u0085', '␡<9b>31m<85>'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves no control character but tabs and line feeds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[^\P{Cc}\t\n]/u);
      }),
    );
  });
});
