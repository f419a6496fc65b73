import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CR, type Head, HeadParser } from '../../src/handshake/head-parser.ts';
import type { HttpHeadErrorCode } from '../../src/handshake/http-head-error.ts';
import { HttpHeadError } from '../../src/handshake/http-head-error.ts';
import { threeWays } from '../feed.ts';
import {
  chunksOf,
  expectRefusal,
  faultOf,
  feed,
  headerValue,
  headText,
  LATIN1,
  latin1Bytes,
  rawHeaders,
} from './wire.ts';

/** The least of a start line: a version, after an empty line if any. */
class VersionHeadParser extends HeadParser<Head> {
  protected override inStartLine(byte: number, index: number): void {
    if (byte === CR) this.expectLf(this.inStartLine);
    else this.inVersion(byte, index);
  }
  protected override afterVersion(byte: number): void {
    if (byte !== CR) this.refuse(byte, 'HPE_INVALID_VERSION');
    this.endStartLine();
  }
  protected override build(common: Head): Head {
    return common;
  }
}

function parse(text: string): Head | undefined {
  const parser = new VersionHeadParser();
  feed(parser, [latin1Bytes(text)]);
  return parser.head;
}

describe('HeadParser: what it reads', () => {
  it.each<[string, Head]>([
    ['HTTP/1.1\r\n\r\n', { httpVersion: '1.1', rawHeaders: [], headers: {} }],
    ['HTTP/1.0\r\n\r\n', { httpVersion: '1.0', rawHeaders: [], headers: {} }],
    ['\r\n\r\nHTTP/1.1\r\n\r\n', { httpVersion: '1.1', rawHeaders: [], headers: {} }],
    [
      'HTTP/1.1\r\nHost: a\r\nX-y:b\r\n\r\n',
      { httpVersion: '1.1', rawHeaders: ['Host', 'a', 'X-y', 'b'], headers: { host: 'a', 'x-y': 'b' } },
    ],
    [
      'HTTP/1.1\r\nA: \t b \tc\t \r\nB:\r\nC: \t\r\n\r\n',
      {
        httpVersion: '1.1',
        rawHeaders: ['A', 'b \tc', 'B', '', 'C', ''],
        headers: { a: 'b \tc', b: '', c: '' },
      },
    ],
    [
      'HTTP/1.1\r\nA: \x80\xa0\xff\xa0\r\n\r\n',
      { httpVersion: '1.1', rawHeaders: ['A', '\x80\xa0\xff\xa0'], headers: { a: '\x80\xa0\xff\xa0' } },
    ],
    [
      'HTTP/1.1\r\nA: :\r\nA: ::\r\n\r\n',
      { httpVersion: '1.1', rawHeaders: ['A', ':', 'A', '::'], headers: { a: ':, ::' } },
    ],
  ])('%j', (text, head) => {
    const bytes = latin1Bytes(text);
    for (const chunks of threeWays(bytes)) {
      const parser = new VersionHeadParser();
      expect(feed(parser, chunks)).toBe(bytes.length);
      expect({ ...parser.head, headers: { ...parser.head?.headers } }).toEqual(head);
    }
  });

  it('has no head before the last byte', () => {
    const parser = new VersionHeadParser();
    const bytes = latin1Bytes('HTTP/1.1\r\nA: b\r\n\r\n');
    for (const byte of bytes) {
      expect(parser.head).toBeUndefined();
      expect(parser.receive(Uint8Array.of(byte))).toBe(1);
    }
    expect(parser.head).toBeDefined();
  });

  it('takes no byte more once it has the head', () => {
    const parser = new VersionHeadParser();
    expect(feed(parser, [latin1Bytes('HTTP/1.1\r\n\r\n\r\nX')])).toBe(12);
    expect(parser.receive(latin1Bytes('\x00\x00'))).toBe(0);
    expect(parser.head?.rawHeaders).toEqual([]);
  });

  it('keeps no hold on a chunk', () => {
    const parser = new VersionHeadParser();
    for (const byte of latin1Bytes('HTTP/1.1\r\nName: value\r\n\r\n')) {
      const chunk = Uint8Array.of(byte);
      parser.receive(chunk);
      chunk.fill(0);
    }
    expect(parser.head?.rawHeaders).toEqual(['Name', 'value']);
  });

  it('reads back any headers, however they are cut', () => {
    const cut = rawHeaders.chain((headers) =>
      fc.tuple(fc.constant(headers), chunksOf(latin1Bytes(headText('HTTP/1.1', headers)))),
    );
    fc.assert(
      fc.property(cut, ([headers, chunks]) => {
        const parser = new VersionHeadParser();
        feed(parser, chunks);
        expect(parser.head?.rawHeaders).toEqual(headers);
      }),
    );
  });
});

describe('HeadParser: what it refuses, at the byte that proves it', () => {
  it.each<[string, string, HttpHeadErrorCode]>([
    ['', 'X', 'HPE_INVALID_CONSTANT'],
    ['', 'h', 'HPE_INVALID_CONSTANT'],
    ['HTTP', '1', 'HPE_INVALID_CONSTANT'],
    ['HTTP/', '2', 'HPE_INVALID_VERSION'],
    ['HTTP/', 'x', 'HPE_INVALID_VERSION'],
    ['HTTP/1', '1', 'HPE_INVALID_VERSION'],
    ['HTTP/1.', '2', 'HPE_INVALID_VERSION'],
    ['HTTP/1.', '/', 'HPE_INVALID_VERSION'],
    ['HTTP/1.1', '0', 'HPE_INVALID_VERSION'],
    ['HTTP/1.1', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1\r', '\r', 'HPE_LF_EXPECTED'],
    ['HTTP/1.1\r', 'A', 'HPE_LF_EXPECTED'],
    ['HTTP/1.1\r\n', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1\r\n', ' ', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\n', ':', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\n', '\x00', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost', ' ', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost', '\r', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1\r\nH', '\xff', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost:', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1\r\nHost:', '\x00', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost: a', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1\r\nHost: a', '\x00', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost: a', '\x7f', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost: a\r', 'b', 'HPE_LF_EXPECTED'],
    ['HTTP/1.1\r\nHost: a\r\n', ' ', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost: a\r\n', '\t', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1\r\nHost: a\r\n\r', 'b', 'HPE_LF_EXPECTED'],
    ['HTTP/1.1\r\n\r', '\r', 'HPE_LF_EXPECTED'],
  ])('%j then %j: %s', (before, faulty, code) => {
    expectRefusal(() => new VersionHeadParser(), before, faulty, code);
  });

  it('takes as values exactly the bytes of RFC 9110 §5.5', () => {
    const taken = LATIN1.filter(
      (character) =>
        faultOf(new VersionHeadParser(), [latin1Bytes(`HTTP/1.1\r\nA: ${character}`)]) === undefined,
    );
    const legal = LATIN1.filter((_, code) => code === 9 || code === 13 || (code >= 32 && code !== 127));
    expect(taken).toEqual(legal);
  });

  it('takes as names exactly tokens', () => {
    const taken = LATIN1.filter(
      (character) =>
        faultOf(new VersionHeadParser(), [latin1Bytes(`HTTP/1.1\r\nA${character}A: b\r\n\r\n`)]) ===
        undefined,
    );
    expect(taken.join('')).toBe(
      "!#$%&'*+-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
    );
  });

  it('stays failed', () => {
    const parser = new VersionHeadParser();
    expect(() => parser.receive(latin1Bytes('HTTP/1.1\r\nA: \0'))).toThrow(HttpHeadError);
    expect(() => parser.receive(latin1Bytes('b\r\n\r\n'))).toThrow('Parse Error: Invalid header token');
    expect(parser.head).toBeUndefined();
  });
});

describe('HeadParser: its limits', () => {
  const filler = (length: number) =>
    headText('HTTP/1.1', ['A', 'x'.repeat(length - 'HTTP/1.1\r\nA: \r\n\r\n'.length)]);

  it('takes a head of 16 KiB, and no byte more', () => {
    for (const chunks of threeWays(latin1Bytes(filler(16 * 1024)))) {
      const parser = new VersionHeadParser();
      expect(feed(parser, chunks)).toBe(16 * 1024);
      expect(parser.head).toBeDefined();
    }
    const long = filler(16 * 1024 + 1);
    expectRefusal(() => new VersionHeadParser(), long.slice(0, -1), long.slice(-1), 'HPE_HEADER_OVERFLOW');
  });

  it('counts the empty lines before a head too', () => {
    expect(faultOf(new VersionHeadParser(), [latin1Bytes('\r\n'.repeat(8 * 1024 + 1))])).toBe(
      'HPE_HEADER_OVERFLOW',
    );
  });

  it('takes 2000 headers, and none more', () => {
    const headers = Array.from({ length: 2001 }, () => ['A', 'b']).flat();
    expect(parse(headText('HTTP/1.1', headers.slice(2)))?.rawHeaders).toHaveLength(4000);
    const text = headText('HTTP/1.1', headers);
    const last = text.length - 'A: b\r\n\r\n'.length;
    expectRefusal(
      () => new VersionHeadParser(),
      text.slice(0, last),
      text.slice(last),
      'HPE_HEADER_OVERFLOW',
    );
  });

  it('takes other limits', () => {
    const bytes = latin1Bytes('HTTP/1.1\r\nA: b\r\n\r\n');
    const limits = { maxHeadBytes: bytes.length, maxHeaders: 1 };
    expect(faultOf(new VersionHeadParser(limits), [bytes])).toBeUndefined();
    expect(faultOf(new VersionHeadParser({ ...limits, maxHeaders: 0 }), [bytes])).toBe('HPE_HEADER_OVERFLOW');
    expect(faultOf(new VersionHeadParser({ ...limits, maxHeadBytes: bytes.length - 1 }), [bytes])).toBe(
      'HPE_HEADER_OVERFLOW',
    );
  });

  it.each([' ', '\t', ',', '\\c', '";', '\xa0'])('handles 16 KiB of %j in a value', (unit) => {
    const value = unit.repeat(16_300 / unit.length);
    const head = parse(headText('HTTP/1.1', ['A', `x${value}x`]));
    expect(head?.rawHeaders).toEqual(['A', `x${value}x`]);
  });

  it('reads a value alike whether anything surrounds it or not', () => {
    fc.assert(
      fc.property(headerValue, fc.stringMatching(/^[\t ]{0,9}$/), (value, space) => {
        expect(parse(`HTTP/1.1\r\nA:${space}${value}${space}\r\n\r\n`)?.rawHeaders).toEqual(['A', value]);
      }),
    );
  });
});
