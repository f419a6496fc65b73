import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptFor, isValidKey } from '../../src/handshake/accept-key.ts';
import { LATIN1, SAMPLE_ACCEPT, SAMPLE_KEY, sha1Base64 } from './wire.ts';

describe('acceptFor', () => {
  it('answers the key of RFC 6455 §1.3', () => {
    expect(acceptFor(SAMPLE_KEY, sha1Base64)).toBe(SAMPLE_ACCEPT);
  });

  it('hashes the key followed by the GUID', () => {
    expect(acceptFor('key', (text) => `<${text}>`)).toBe('<key258EAFA5-E914-47DA-95CA-C5AB0DC85B11>');
  });
});

describe('isValidKey', () => {
  it('takes the base64 of any 16 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(isValidKey(Buffer.from(bytes).toString('base64'))).toBe(true);
      }),
    );
  });

  it.each([0, 1, 14, 15, 17, 18, 19, 32])('refuses the base64 of %i bytes', (length) => {
    expect(isValidKey(randomBytes(length).toString('base64'))).toBe(false);
  });

  it.each([
    ['', 'nothing'],
    ['dGhlIHNhbXBsZSBub25jZQ=', 'one padding character'],
    ['dGhlIHNhbXBsZSBub25jZQ===', 'three padding characters'],
    ['dGhlIHNhbXBsZSBub25jZQAA', 'no padding'],
    [`${SAMPLE_KEY}\n`, 'a line end after it'],
    [` ${SAMPLE_KEY}`, 'a space before it'],
    [`${SAMPLE_KEY}, ${SAMPLE_KEY}`, 'the header twice'],
    ['dGhlIHNhbXBsZSBub25-_Q==', 'the alphabet of base64url'],
  ])('refuses %j: %s', (key) => {
    expect(isValidKey(key)).toBe(false);
  });

  it.each([0, 10, 21])('takes at place %i the 64 characters of base64 and no other', (place) => {
    const accepted = LATIN1.filter((character) =>
      isValidKey(`${SAMPLE_KEY.slice(0, place)}${character}${SAMPLE_KEY.slice(place + 1)}`),
    );
    expect(accepted.join('')).toBe('+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
  });
});
