import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExempt } from '../../../src/node/proxy/no-proxy.ts';

describe('isExempt', () => {
  it.each([
    ['', 'a.com', false],
    [' , ', 'a.com', false],
    ['*', 'a.com', true],
    ['b.com, *', '::1', true],
    // Only alone is it more than a character.
    ['*.com', 'a.com', false],
    ['a.com', 'a.com', true],
    ['A.com', 'a.COM', true],
    ['a.com', 'a.com.', true],
    ['a.com.', 'a.com', true],
    ['a.com', 'www.a.com', true],
    ['.a.com', 'www.a.com', true],
    ['.a.com', 'a.com', true],
    ['a.com', 'nota.com', false],
    ['a.com', 'a.com.evil', false],
    ['.', 'a.com', false],
    ['b.com,a.com', 'a.com', true],
    ['b.com a.com', 'a.com', true],
    ['localhost', 'localhost', true],
    ['localhost', '127.0.0.1', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.10', false],
    // The last label of an address is no suffix.
    ['0.0.1', '127.0.0.1', false],
    ['10.0.0.0/8', '10.255.1.2', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0.0/x', '10.0.0.0', false],
    ['10.0.0.0/', '10.0.0.0', false],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '::1', false],
    ['::1', '::1', true],
    ['[::1]', '::1', true],
    ['0:0:0:0:0:0:0:1', '::1', true],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['fd00::/129', 'fd00::', false],
    ['10.0.0.0/8', 'a.com', false],
  ])('"%s" for %s', (list, host, exempt) => {
    expect(isExempt(list, host, 443)).toBe(exempt);
  });

  it.each([
    ['a.com:443', 'a.com', true],
    ['a.com:80', 'a.com', false],
    ['127.0.0.1:443', '127.0.0.1', true],
    ['127.0.0.1:80', '127.0.0.1', false],
    ['[::1]:443', '::1', true],
    ['[::1]:80', '::1', false],
    ['a.com:http', 'a.com', false],
  ])('"%s" for %s on port 443', (list, host, exempt) => {
    expect(isExempt(list, host, 443)).toBe(exempt);
  });

  it('decides whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(65_535), (list, host, port) => {
        expect(typeof isExempt(list, host, port)).toBe('boolean');
      }),
    );
  });

  it('has blocks as their bits say', () => {
    const toText = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(
        address,
        fc.integer({ min: 1, max: 32 }),
        fc.nat(32),
        address,
        (base, prefix, same, other) => {
          const shared = same === 0 ? 0 : (0xffff_ffff << (32 - same)) >>> 0;
          const host = ((base & shared) | (other & ~shared)) >>> 0;
          const inside = ((base ^ host) >>> 0) >>> (32 - prefix) === 0;
          expect(isExempt(`${toText(base)}/${prefix}`, toText(host), 1)).toBe(inside);
        },
      ),
    );
  });
});
