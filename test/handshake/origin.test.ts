import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AllowedOrigins, assertAllowedOrigins, isOriginAllowed } from '../../src/handshake/origin.ts';

interface Told {
  readonly origin?: string | undefined;
  readonly host?: string;
  readonly secure?: boolean;
}

function allows(allowed: AllowedOrigins, { origin, host = 'example.com', secure = true }: Told): boolean {
  return isOriginAllowed(allowed, { headers: { host, origin }, secure });
}

/** What the WHATWG URL standard, in Node's own URL, takes for the origin of `text`. */
function originByUrl(text: string): string | undefined {
  try {
    return new URL(text).origin;
  } catch {
    return undefined;
  }
}

describe('any', () => {
  it.each([undefined, 'null', '', 'https://evil.example', '\0'])('takes %j', (origin) => {
    expect(allows('any', { origin })).toBe(true);
  });
});

describe('same-origin', () => {
  it.each<[Told]>([
    [{}],
    [{ secure: false }],
    [{ origin: 'https://example.com' }],
    [{ origin: 'https://example.com:443' }],
    [{ origin: 'https://example.com', host: 'example.com:443' }],
    [{ origin: 'HTTPS://Example.COM', host: 'EXAMPLE.com' }],
    [{ origin: 'http://example.com', secure: false }],
    [{ origin: 'http://example.com:80', secure: false }],
    [{ origin: 'https://example.com:8443', host: 'example.com:8443' }],
    [{ origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080', secure: false }],
    [{ origin: 'https://[::1]', host: '[::1]:443' }],
    [{ origin: 'https://[2001:DB8::1]:8443', host: '[2001:db8::1]:8443' }],
    [{ origin: 'https://[1::]:8443', host: '[1::]:8443' }],
    [{ origin: 'https://[1::]', host: '[1::]:443' }],
    [{ origin: 'https://xn--bcher-kva.example', host: 'xn--bcher-kva.example' }],
  ])('takes %j', (told) => {
    expect(allows('same-origin', told)).toBe(true);
  });

  it.each<[string, Told]>([
    ['no origin', { origin: 'null' }],
    ['null for a host', { origin: 'https://null', host: 'example.com' }],
    ['an empty one', { origin: '' }],
    ['another scheme', { origin: 'http://example.com' }],
    ['another scheme with the right port', { origin: 'http://example.com:443' }],
    ['TLS where there is none', { origin: 'https://example.com', secure: false }],
    ['the scheme of WebSockets', { origin: 'wss://example.com' }],
    ['another port', { origin: 'https://example.com:8443' }],
    ['the port of plain HTTP', { origin: 'https://example.com:80' }],
    ['a port above 65535', { origin: 'https://example.com:65979' }],
    ['a long port', { origin: 'https://example.com:000443' }],
    ['an empty port', { origin: 'https://example.com:' }],
    ['a signed port', { origin: 'https://example.com:+443' }],
    ['two ports', { origin: 'https://example.com:443:443' }],
    ['a prefix', { origin: 'https://evil-example.com' }],
    ['a subdomain', { origin: 'https://a.example.com' }],
    ['a suffix', { origin: 'https://example.com.evil' }],
    ['a shorter name', { origin: 'https://example.co' }],
    ['a parent', { origin: 'https://com' }],
    ['a trailing dot', { origin: 'https://example.com.' }],
    ['userinfo', { origin: 'https://example.com@evil' }],
    ['the host behind userinfo', { origin: 'https://evil@example.com' }],
    ['userinfo with a password', { origin: 'https://a:b@example.com' }],
    ['a path', { origin: 'https://example.com/' }],
    ['a query', { origin: 'https://example.com?' }],
    ['a fragment', { origin: 'https://example.com#' }],
    ['a backslash', { origin: 'https://example.com\\' }],
    ['a space before', { origin: ' https://example.com' }],
    ['a tab behind', { origin: 'https://example.com\t' }],
    ['two, as duplicate headers are joined', { origin: 'https://example.com, https://example.com' }],
    ['two with a space', { origin: 'https://example.com https://evil' }],
    ['a host alone', { origin: 'example.com' }],
    ['slashes alone', { origin: '//example.com' }],
    ['one slash', { origin: 'https:/example.com' }],
    ['three slashes', { origin: 'https:///example.com' }],
    ['characters that are lower case elsewhere', { origin: 'https://\u212aa', host: 'ka' }],
    ['an escape', { origin: 'https://example%2ecom' }],
    ['IPv6 without brackets', { origin: 'https://::1', host: '[::1]' }],
    ['IPv6 with something behind', { origin: 'https://[::1]x', host: '[::1]' }],
    ['another IPv6 address', { origin: 'https://[::2]', host: '[::1]' }],
    ['an empty Host', { origin: 'https://example.com', host: '' }],
    ['an empty host', { origin: 'https://', host: '' }],
    ['a Host with userinfo', { origin: 'https://example.com', host: 'a@example.com' }],
    ['a Host with a path', { origin: 'https://example.com', host: 'example.com/' }],
    ['two in Host', { origin: 'https://example.com', host: 'example.com, example.com' }],
  ])('refuses %s', (_, told) => {
    expect(allows('same-origin', told)).toBe(false);
  });

  it('refuses an origin where Host does not say which is its own', () => {
    const headers = { origin: 'https://example.com' };
    expect(isOriginAllowed('same-origin', { headers, secure: true })).toBe(false);
    expect(isOriginAllowed('same-origin', { headers: { origin: 'https://undefined' }, secure: true })).toBe(
      false,
    );
    expect(isOriginAllowed('same-origin', { headers: {}, secure: true })).toBe(true);
  });

  it('looks at the header of version 8 too, whichever came', () => {
    const headers = { host: 'a', origin: 'https://a', 'sec-websocket-origin': 'https://evil' };
    expect(isOriginAllowed('same-origin', { headers, secure: true })).toBe(false);
    expect(
      isOriginAllowed('same-origin', {
        headers: { ...headers, 'sec-websocket-origin': 'https://a' },
        secure: true,
      }),
    ).toBe(true);
  });

  it('is what the URL standard says', () => {
    const scheme = fc.constantFrom('http', 'https');
    const host = fc.constantFrom('a.example', 'A.Example', 'b.example', 'a.example.', '127.0.0.1', '[::1]');
    const port = fc.constantFrom('', ':80', ':443', ':8080', ':080', ':65535');
    const authority = fc.tuple(host, port).map((parts) => parts.join(''));
    fc.assert(
      fc.property(scheme, scheme, authority, authority, (from, own, page, served) => {
        const told = { origin: `${from}://${page}`, host: served, secure: own === 'https' };
        const expected = originByUrl(told.origin) === originByUrl(`${own}://${served}`);
        expect(allows('same-origin', told)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes nothing that URL would put elsewhere, whatever the text', () => {
    const character = fc.constantFrom(...'examplco.:/@[]#?\\ \t%,0443', '\u212a');
    const tail = fc.string({ unit: character, maxLength: 12 });
    const text = fc
      .tuple(fc.constantFrom('', 'https://', 'https://example.com'), tail)
      .map((t) => t.join(''));
    fc.assert(
      fc.property(text, (origin) => {
        if (allows('same-origin', { origin })) expect(originByUrl(origin)).toBe('https://example.com');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a list', () => {
  const allowed = ['https://a.example', 'http://localhost:3000', 'chrome-extension://abcdef'];

  it.each([undefined, 'https://a.example', 'https://a.example:443', ...allowed])('takes %j', (origin) => {
    expect(allows(allowed, { origin })).toBe(true);
  });

  it.each([
    'https://example.com',
    'https://b.a.example',
    'http://a.example',
    'http://localhost',
    'null',
    'x',
  ])('refuses %j', (origin) => {
    expect(allows(allowed, { origin })).toBe(false);
  });

  it('can name what has no origin', () => {
    expect(allows(['null'], { origin: 'null' })).toBe(true);
    expect(allows(['null'], { origin: 'NULL' })).toBe(false);
  });

  it('without entries takes no page', () => {
    expect(allows([], { origin: 'https://example.com' })).toBe(false);
    expect(allows([], {})).toBe(true);
  });
});

describe('assertAllowedOrigins', () => {
  it.each([['any'], ['same-origin'], [[]], [['https://a', 'null']]])('takes %j', (allowed) => {
    expect(() => assertAllowedOrigins(allowed)).not.toThrow();
  });

  it.each(['https://a', null, true, {}])('refuses %j', (allowed) => {
    expect(() => assertAllowedOrigins(allowed)).toThrow(/^Invalid origins: /);
  });

  it.each([
    'https://a/',
    '*',
    'https://*.a',
    'a',
    '',
    5,
    '1a://a',
    ' https://a',
    'a_b://a',
    'https://a:65536',
  ])('refuses %j in a list', (origin) => {
    expect(() => assertAllowedOrigins([origin])).toThrow(
      new TypeError(`Invalid origin: ${origin} (scheme://host or scheme://host:port)`),
    );
  });
});
