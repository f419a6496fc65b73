import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkAgreement, HandshakeError } from '../../src/handshake/client-handshake.ts';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import { connectRequestFields } from '../../src/handshake/http2-client-handshake.ts';
import type { Http2Fields } from '../../src/handshake/http2-fields.ts';
import { HTTP2_PREFACE, Http2PrefaceDetector } from '../../src/handshake/http2-preface.ts';
import {
  checkConnectRequest,
  connectRefusal,
  connectResponse,
  connectResponseLines,
} from '../../src/handshake/http2-server-handshake.ts';
import { negotiateOpening, type Refusal } from '../../src/handshake/server-handshake.ts';
import { LATIN1, latin1Bytes, rawHeaders, SAMPLE_KEY, sha1Base64 } from '../handshake/wire.ts';
import { cut } from '../property/frame-stream.ts';
import type { Target } from './target.ts';

interface Input {
  /** Names and values of what comes, of a request or of a response. */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  /** Names and values in turn, of what a program adds to a request, to a response, or to a refusal. */
  readonly added: readonly string[];
  readonly target: string;
  readonly statusCode: number;
  /** What comes first over a connection: so much of the preface, and then this. */
  readonly first: readonly [kept: number, rest: string];
  readonly sizes: readonly number[];
}

/** A field of a request, right and otherwise; the first value is the usual one. */
const FIELDS: ReadonlyArray<readonly [name: string, ...values: string[]]> = [
  [':method', 'CONNECT', 'GET', 'connect', ''],
  [':protocol', 'websocket', 'WebSocket', 'webtransport', ''],
  [':scheme', 'https', 'http', 'ftp', ''],
  [':path', '/', '/a?b=c', '*', '', 'http://x/'],
  [':authority', 'localhost', ''],
  ['sec-websocket-version', '13', '8', '7', '13, 8'],
  ['sec-websocket-key', SAMPLE_KEY, 'short', ''],
  ['sec-websocket-protocol', 'chat', 'chat, other', 'chat, chat', ',', '\xff'],
  [
    'sec-websocket-extensions',
    'permessage-deflate',
    'permessage-deflate; a=1',
    'x; server_max_window_bits=9',
  ],
];
/** Fields that have no place in HTTP/2, and one that has, with this value. */
const OF_CONNECTIONS: ReadonlyArray<readonly [name: string, value: string]> = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['keep-alive', 'x'],
  ['proxy-connection', ''],
  ['transfer-encoding', 'chunked'],
  ['te', 'gzip'],
  ['te', ' Trailers'],
];
const OF_HTTP_1 = ['connection', 'upgrade', 'keep-alive', 'proxy-connection', 'transfer-encoding'];
const OWN_ERRORS: readonly unknown[] = [
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_INVALID_CHAR',
  'ERR_HTTP_INVALID_STATUS_CODE',
];

const field = fc
  .constantFrom(...FIELDS)
  .chain(([name, usual, ...odd]) =>
    fc
      .oneof({ weight: 8, arbitrary: fc.constant(usual!) }, { weight: 1, arbitrary: fc.constantFrom(...odd) })
      .map((value) => [name, value] as const),
  );
const usual = FIELDS.slice(0, 7).map(([name, value]) => [name, value!] as const);
const character = fc.constantFrom(...LATIN1, 'é', '\u2028', '😀', '\ud800');

/** Opening handshakes of HTTP/2, right and spoilt, of both ends: only the errors that are meant, and nothing that ends a field. */
export const http2Heads: Target<Input> = {
  name: 'http2-heads',
  inputs: fc.record({
    fields: fc
      .tuple(
        fc.shuffledSubarray(usual, { minLength: usual.length - 1 }),
        fc.array(field, { maxLength: 3 }),
        fc.array(fc.constantFrom(...OF_CONNECTIONS), { maxLength: 1 }),
      )
      .map((all) => all.flat()),
    added: fc.oneof(
      rawHeaders,
      fc.constantFrom(...OF_CONNECTIONS).map((each) => [...each]),
      fc.tuple(character, character).map(([name, value]) => [`x${name}`, `x${value}`]),
    ),
    target: fc.oneof(
      { weight: 4, arbitrary: fc.constant('/chat') },
      { weight: 1, arbitrary: character.map((text) => `/${text}`) },
    ),
    statusCode: fc.constantFrom(400, 404, 204, 304, 599, 999, 200, 101, 99, 1000, 400.5),
    first: fc.tuple(fc.nat(HTTP2_PREFACE.length), fc.constantFrom('', 'P', 'GET / HTTP/1.1\r\n', '\r\n')),
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
  }),
  check({ fields, added, target, statusCode, first, sizes }) {
    const headers: HeaderFields = Object.assign(Object.create(null), Object.fromEntries(fields));
    checkServer(headers, added);
    checkRefusal({ statusCode, message: added.join(), headers: asRecord(added) });
    checkClient(target, added);
    orFailsWith(HandshakeError, () => checkAgreement(headers, { subprotocols: ['chat'], deflate: {} }));
    checkPreface(first, sizes);
  },
};

/** What the server decides, and answers. */
function checkServer(headers: HeaderFields, added: readonly string[]): void {
  const { opening, refusal } = checkConnectRequest(headers);
  assert.equal(opening !== undefined, isRight(headers));
  if (opening === undefined) return checkRefusal(refusal!);
  const { negotiation, refusal: later } = negotiateOpening(opening, {});
  if (negotiation === undefined) return checkRefusal(later!);
  const [subprotocol] = negotiation.subprotocols;
  const lines = connectResponseLines(headers, sha1Base64, subprotocol, negotiation.deflate?.response);
  for (let i = 0; i < added.length; i += 2) lines.push(`${added[i]}: ${added[i + 1]}`);
  const response = orFails(() => connectResponse(lines));
  if (response === undefined) return;
  assert.equal(response[':status'], '200');
  assertSendable(response);
}

/** RFC 8441 §4 and §5, RFC 9113 §8.2.2, RFC 6455 §4.2.1, the slow way. */
function isRight(headers: HeaderFields): boolean {
  const value = (name: string): string => String(headers[name] ?? '');
  return [
    value(':method') === 'CONNECT',
    /^websocket$/i.test(value(':protocol')),
    /^https?$/.test(value(':scheme')),
    /^\//.test(value(':path')),
    /^(13|8)$/.test(value('sec-websocket-version')),
    OF_HTTP_1.every((name) => headers[name] === undefined),
    headers.te === undefined || /^\s*trailers\s*$/i.test(value('te')),
  ].every(Boolean);
}

function checkRefusal(refusal: Refusal): void {
  const answer = orFails(() => connectRefusal(refusal));
  if (answer === undefined) return;
  const { fields, body } = answer;
  assert.ok(Number(fields[':status']) >= 300);
  const length = body === undefined ? undefined : String(Buffer.byteLength(body));
  assert.equal(fields['content-length'], length);
  assertSendable(fields);
}

/** What our client asks for our server takes. */
function checkClient(target: string, added: readonly string[]): void {
  const request = {
    target,
    secure: true,
    authority: 'localhost',
    version: 13,
    subprotocols: ['chat'],
    extensions: undefined,
    headers: asRecord(added),
  } as const;
  const fields = orFails(() => connectRequestFields(request));
  if (fields === undefined) return;
  assertSendable(fields);
  assert.ok(isRight(fields), 'Our server does not take it');
}

function checkPreface([kept, rest]: readonly [number, string], sizes: readonly number[]): void {
  const bytes = latin1Bytes(HTTP2_PREFACE.slice(0, kept) + rest);
  const text = Buffer.from(bytes).toString('latin1');
  const detector = new Http2PrefaceDetector();
  let used = 0;
  let result = 'open';
  for (const chunk of cut(bytes, sizes)) {
    if (result !== 'open') break;
    ({ result } = detector.receive(chunk, chunk.length));
    used += chunk.length;
  }
  const seen = text.slice(0, used);
  const isOpen = seen.length < HTTP2_PREFACE.length && HTTP2_PREFACE.startsWith(seen);
  const expected = seen.startsWith(HTTP2_PREFACE) ? 'whole' : 'different';
  assert.equal(result, isOpen ? 'open' : expected);
  assert.ok(text.startsWith(detector.held));
}

/** Nothing in a field ends it, and none is of HTTP/1.1 alone. */
function assertSendable(fields: Http2Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    assert.match(name, /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/);
    assert.ok(!OF_HTTP_1.includes(name), name);
    assert.ok(name !== 'te' || value === 'trailers');
    for (const each of [value].flat()) assert.ok(!hasControl(each), `${name}: ${JSON.stringify(each)}`);
  }
}

function hasControl(text: string): boolean {
  return [...text].some((char) => (char < ' ' && char !== '\t') || char === '\x7f');
}

/** Returns what `make` makes, or nothing when it fails as it may. */
function orFails<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (!OWN_ERRORS.includes(code)) throw error;
    return undefined;
  }
}

function orFailsWith(kind: new () => Error, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}

function asRecord(added: readonly string[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (let i = 0; i < added.length; i += 2) record[added[i]!] = added[i + 1]!;
  return record;
}
