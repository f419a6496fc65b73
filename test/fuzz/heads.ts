import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkUpgradeResponse, HandshakeError } from '../../src/handshake/client-handshake.ts';
import {
  type HeadLimits,
  HttpHeadError,
  type RequestHead,
  RequestHeadParser,
  type ResponseHead,
  ResponseHeadParser,
} from '../../src/handshake/http-head.ts';
import { decideUpgrade } from '../../src/handshake/server-handshake.ts';
import {
  headText,
  LATIN1,
  latin1Bytes,
  rawHeaders,
  SAMPLE_ACCEPT,
  SAMPLE_KEY,
  sha1Base64,
} from '../handshake/wire.ts';
import { cut } from '../property/frame-stream.ts';
import type { Target } from './target.ts';

interface Input {
  readonly kind: 'request' | 'response';
  readonly text: string;
  readonly sizes: readonly number[];
}

const LIMITS: HeadLimits = { maxHeadBytes: 700, maxHeaders: 12 };

const START_LINES = {
  request: ['GET / HTTP/1.1', 'GET /a?b HTTP/1.0', 'POST * HTTP/1.1', '\r\nGET / HTTP/1.1', 'GET / HTTP/2.0'],
  response: [
    'HTTP/1.1 101 Switching Protocols',
    'HTTP/1.1 101',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 99 x',
    'ICY 200',
  ],
};
const HANDSHAKE_HEADERS = [
  ['Host', 'localhost'],
  ['Upgrade', 'websocket'],
  ['Connection', 'keep-alive, Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', SAMPLE_KEY],
  ['Sec-WebSocket-Accept', SAMPLE_ACCEPT],
];
const ODD_TEXTS = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ': ',
  ' :',
  '\r\n ',
  '\x7f',
  '\xff',
  'Upgrade: h2c\r\n',
  'a: b\r\n'.repeat(13),
];

/** Request and response heads, right and spoilt: only the errors that are meant, and the same however cut. */
export const heads: Target<Input> = {
  name: 'heads',
  inputs: fc.constantFrom<Input['kind']>('request', 'response').chain((kind) =>
    fc
      .record({
        startLine: fc.constantFrom(...START_LINES[kind]),
        own: fc.shuffledSubarray(HANDSHAKE_HEADERS, { minLength: 4 }),
        others: rawHeaders,
        spoilt: fc.array(fc.tuple(fc.nat(900), fc.constantFrom(...LATIN1, ...ODD_TEXTS)), { maxLength: 2 }),
        end: fc.option(fc.nat(900), { nil: undefined, freq: 4 }),
        sizes: fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 4 }),
      })
      .map(({ startLine, own, others, spoilt, end, sizes }) => {
        let text = headText(startLine, [...own.flat(), ...others]);
        for (const [at, piece] of spoilt) text = text.slice(0, at) + piece + text.slice(at + 1);
        return { kind, text: text.slice(0, end), sizes };
      }),
  ),
  check({ kind, text, sizes }) {
    const bytes = latin1Bytes(text);
    const result = parse(kind, [bytes]);
    assert.deepEqual(parse(kind, cut(bytes, sizes)), result);
    assert.deepEqual(parse(kind, cut(bytes, [1])), result);
    if ('head' in result && result.head !== undefined) decide(result.head);
  },
};

function parse(kind: Input['kind'], chunks: readonly Uint8Array[]) {
  const parser = kind === 'request' ? new RequestHeadParser(LIMITS) : new ResponseHeadParser(LIMITS);
  try {
    let taken = 0;
    for (const chunk of chunks) taken += parser.receive(chunk);
    assert.ok(taken <= LIMITS.maxHeadBytes);
    return { head: parser.head, taken };
  } catch (error) {
    if (!(error instanceof HttpHeadError)) throw error;
    return { code: error.code };
  }
}

/** A head that parses is accepted, or refused in the way that is meant. */
function decide(head: RequestHead | ResponseHead): void {
  if ('method' in head) {
    const { upgrade, refusal } = decideUpgrade(head, {});
    assert.ok((upgrade === undefined) !== (refusal === undefined));
    return;
  }
  try {
    checkUpgradeResponse(head, { key: SAMPLE_KEY, subprotocols: ['chat'], deflate: {} }, sha1Base64);
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
  }
}
