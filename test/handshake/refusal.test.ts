import { STATUS_CODES } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseHeadParser } from '../../src/handshake/http-head.ts';
import { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from '../../src/handshake/refusal.ts';
import { threeWays } from '../feed.ts';
import { feed, LATIN1 } from './wire.ts';

/** Reads a refusal back: its head, and its body by its length. */
function read(refusal: Refusal) {
  const bytes = Uint8Array.from(Buffer.from(serializeRefusal(refusal)));
  const parser = new ResponseHeadParser();
  const start = parser.receive(bytes);
  const body = Buffer.from(bytes.subarray(start)).toString();
  return { head: parser.head!, body, bodyBytes: bytes.length - start };
}

describe('serializeRefusal', () => {
  it('is a whole HTTP response', () => {
    expect(serializeRefusal({ statusCode: 400, message: 'Invalid Upgrade header' })).toBe(
      [
        'HTTP/1.1 400 Bad Request',
        'Connection: close',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Length: 22',
        '',
        'Invalid Upgrade header',
      ].join('\r\n'),
    );
  });

  it('reads back in any chunks', () => {
    const text = serializeRefusal(PLAIN_HTTP_REFUSAL);
    const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
    for (const chunks of threeWays(Buffer.from(head), Buffer.from('Upgrade Required'))) {
      const parser = new ResponseHeadParser();
      expect(feed(parser, chunks)).toBe(head.length);
      expect(parser.head?.statusCode).toBe(426);
    }
  });

  it('says to a plain request what to upgrade to (RFC 9110 §15.5.22, §7.8)', () => {
    const { head, body } = read(PLAIN_HTTP_REFUSAL);
    expect(head.statusCode).toBe(426);
    expect(head.headers).toMatchObject({ upgrade: 'websocket', connection: 'Upgrade, close' });
    expect(body).toBe('Upgrade Required');
  });

  it.each([401, 404, 503])('says what %i means where there is no message', (statusCode) => {
    const { head, body } = read({ statusCode, message: '' });
    expect(head.statusMessage).toBe(STATUS_CODES[statusCode]);
    expect(body).toBe(STATUS_CODES[statusCode]);
  });

  it('tells HEAD the length of the body that GET would get', () => {
    expect(serializeRefusal(PLAIN_HTTP_REFUSAL, 'HEAD')).toMatch(
      /\r\nContent-Length: 16\r\n[\s\S]*\r\n\r\n$/,
    );
  });

  it('sends statuses that it has no words for', () => {
    expect(serializeRefusal({ statusCode: 799, message: 'x' })).toMatch(/^HTTP\/1\.1 799 Unknown\r\n/);
  });

  it.each([
    ['\u007f', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
  ])('counts the bytes of %j', (message, length) => {
    expect(serializeRefusal({ statusCode: 400, message })).toContain(`\r\nContent-Length: ${length}\r\n`);
  });

  it('counts the bytes of any message', () => {
    const text = fc.string({
      unit: fc.oneof(fc.string(), fc.constantFrom('é', '€', '😀', '\ud800', '\udc00', '\r\n')),
    });
    fc.assert(
      fc.property(text, (message) => {
        const { head, bodyBytes } = read({ statusCode: 400, message });
        expect(head.headers['content-length']).toBe(String(bodyBytes));
      }),
    );
  });

  it('lets headers be added and replaced, whatever their case, but for the length', () => {
    const headers = { 'WWW-Authenticate': 'Basic', 'content-type': 'text/html', 'content-length': '9999' };
    const { head } = read({ statusCode: 401, message: '<p>', headers });
    expect(head.rawHeaders).toEqual([
      ...['Connection', 'close', 'content-type', 'text/html', 'Content-Length', '3'],
      ...['WWW-Authenticate', 'Basic'],
    ]);
  });

  it('reads back with any header values', () => {
    const value = fc.string({ unit: fc.constantFrom(...LATIN1.slice(0x21, 0x7f)) });
    fc.assert(
      fc.property(value, fc.integer({ min: 200, max: 599 }), (text, statusCode) => {
        const { head } = read({ statusCode, message: 'x', headers: { 'X-Test': text, __proto: 'y' } });
        expect(head).toMatchObject({ statusCode, headers: { 'x-test': text } });
      }),
    );
  });

  it.each(['a\r\nSet-Cookie: b', 'a\nb', '\r', '\0', '\x7f'])('never sends the header value %j', (value) => {
    expect(() => serializeRefusal({ statusCode: 400, message: '', headers: { 'X-Test': value } })).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' }),
    );
  });

  it('writes header values as UTF-8', () => {
    const { head } = read({ statusCode: 400, message: '', headers: { 'X-Test': 'é€' } });
    expect(Buffer.from(String(head.headers['x-test']), 'latin1').toString()).toBe('é€');
  });

  it.each(['a\r\nb', 'a b', '', 'a:'])('never sends the header name %j', (name) => {
    expect(() => serializeRefusal({ statusCode: 400, message: '', headers: { [name]: 'a' } })).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_HTTP_TOKEN' }),
    );
  });

  it.each([0, 101, 199, 1000, 400.5, Number.NaN, '400', '401 X\r\nY: z'])(
    'never sends the status %j',
    (statusCode) => {
      expect(() => serializeRefusal({ statusCode: statusCode as number, message: '' })).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_HTTP_INVALID_STATUS_CODE' }),
      );
    },
  );

  it.each([200, 302, 599, 999])('sends the status %i', (statusCode) => {
    expect(read({ statusCode, message: '' }).head.statusCode).toBe(statusCode);
  });
});
