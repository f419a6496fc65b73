import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { HttpHeadErrorCode } from '../../src/handshake/http-head.ts';
import { HttpHeadError } from '../../src/handshake/http-head.ts';
import { threeWays } from '../feed.ts';

/** The key and the answer to it that RFC 6455 §1.3 works out. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

export function sha1Base64(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('base64');
}

/** Every byte as a character of Latin-1. */
export const LATIN1: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** A head as text, from a start line and header lines. */
export function headText(startLine: string, rawHeaders: readonly string[] = []): string {
  const lines = [startLine];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

interface Parser {
  receive(chunk: Uint8Array): number;
}

/** Gives `chunks` to a parser; returns how many bytes it took of them. */
export function feed(parser: Parser, chunks: readonly Uint8Array[]): number {
  return chunks.reduce((taken, chunk) => taken + parser.receive(chunk), 0);
}

/** The code of the fault that feeding `chunks` comes upon; `undefined` for none. Other errors go on. */
export function faultOf(parser: Parser, chunks: readonly Uint8Array[]): HttpHeadErrorCode | undefined {
  try {
    feed(parser, chunks);
    return undefined;
  } catch (error) {
    if (error instanceof HttpHeadError) return error.code;
    throw error;
  }
}

/** How many bytes a parser takes without a fault when they come one by one. */
function bytesBeforeFault(parser: Parser, text: string): number {
  let taken = 0;
  for (const byte of latin1Bytes(text)) {
    if (faultOf(parser, [Uint8Array.of(byte)]) !== undefined) return taken;
    taken++;
  }
  return taken;
}

/** Expects a fault at the first byte of `faulty`, however what is before it is cut. */
export function expectRefusal(
  create: () => Parser,
  before: string,
  faulty: string,
  code: HttpHeadErrorCode,
): void {
  for (const chunks of threeWays(latin1Bytes(before + faulty))) assert.equal(faultOf(create(), chunks), code);
  assert.equal(bytesBeforeFault(create(), before + faulty), before.length);
}

/** Cuts of `bytes` into chunks, empty ones among them. */
export function chunksOf(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }).map((positions) => {
    const cuts = [0, ...positions.sort((a, b) => a - b), bytes.length];
    return cuts.slice(1).map((end, i) => bytes.slice(cuts[i], end));
  });
}

const TOKEN_CHARS = [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  ..."!#$%&'*+-.^_`|~",
] as const;

/** Tokens, the names that objects have from their prototype among them. */
export const token: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: fc.constantFrom(...TOKEN_CHARS), minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString') },
);

/** Header values that come back from a parser as they went in: no white space at the ends. */
export const headerValue: fc.Arbitrary<string> = fc
  .string({
    unit: fc.constantFrom(...LATIN1.filter((_, code) => code === 9 || (code >= 32 && code !== 127))),
    maxLength: 40,
  })
  .map((text) => text.replace(/^[\t ]+|[\t ]+$/g, ''));

/** Names and values in turn. */
export const rawHeaders: fc.Arbitrary<string[]> = fc
  .array(fc.tuple(token, headerValue), { maxLength: 12 })
  .map((headers) => headers.flat());
