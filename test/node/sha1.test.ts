import { expect, it } from 'vitest';
import { sha1Base64 } from '../../src/node/sha1.ts';

it('gives the value of the example in RFC 6455 §1.3', () => {
  expect(sha1Base64('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')).toBe(
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  );
});

it('gives the value of the empty text', () => {
  expect(sha1Base64('')).toBe('2jmj7l5rSw0yVb/vlWAYkK/YBwk=');
});
