import { describe, expect, it } from 'vitest';
import { RequestHeadParser } from '../../src/handshake/http-head.ts';
import { hasDoubtfulLength } from '../../src/handshake/message-length.ts';
import { feed, headText, LATIN1, latin1Bytes } from './wire.ts';

function isDoubtful(...rawHeaders: string[]): boolean {
  const parser = new RequestHeadParser();
  feed(parser, [latin1Bytes(headText('GET / HTTP/1.1', rawHeaders))]);
  return hasDoubtfulLength(parser.head!);
}

describe('hasDoubtfulLength', () => {
  it.each([
    ['no length', []],
    ['a length', ['Content-Length', '5']],
    ['the length 0', ['content-length', '0']],
    ['a long length', ['Content-Length', '9'.repeat(30)]],
    ['chunks', ['Transfer-Encoding', 'chunked']],
    ['a length among others', ['Host', 'a', 'Content-Length', '5', 'X', 'y']],
  ])('takes %s', (_what, rawHeaders) => {
    expect(isDoubtful(...rawHeaders)).toBe(false);
  });

  it.each([
    ['a length and chunks', ['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
    ['chunks and a length', ['TRANSFER-ENCODING', 'chunked', 'CONTENT-LENGTH', '5']],
    ['two lengths', ['Content-Length', '5', 'X', 'y', 'content-length', '6']],
    ['a length twice', ['Content-Length', '5', 'Content-Length', '5']],
    ['an empty length', ['Content-Length', '']],
    ['a list of lengths', ['Content-Length', '5, 5']],
    ['a signed length', ['Content-Length', '+5']],
  ])('refuses %s', (_what, rawHeaders) => {
    expect(isDoubtful(...rawHeaders)).toBe(true);
  });

  it('takes digits alone', () => {
    const taken = LATIN1.filter(
      (character) => !hasDoubtfulLength({ headers: { 'content-length': `1${character}1` }, rawHeaders: [] }),
    );
    expect(taken.join('')).toBe('0123456789');
  });
});
