import { expect, it } from 'vitest';
import { decodeLatin1 } from '../../src/handshake/latin1.ts';
import { LATIN1, latin1Bytes } from './wire.ts';

it('makes a character of each byte', () => {
  expect(decodeLatin1(latin1Bytes(LATIN1.join('')), 0, 256)).toBe(LATIN1.join(''));
});

it('begins and ends where it is told', () => {
  expect(decodeLatin1(latin1Bytes('abcd'), 1, 3)).toBe('bc');
  expect(decodeLatin1(latin1Bytes('abcd'), 2, 2)).toBe('');
});
