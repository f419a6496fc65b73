import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DeflateNegotiationOptions } from '../../src/handshake/deflate-offer.ts';
import { type HeaderFields, RequestHeadParser, ResponseHeadParser } from '../../src/handshake/http-head.ts';
import {
  checkUpgradeRequest,
  decideUpgrade,
  type HandshakeRequest,
  negotiateOpening,
  PLAIN_HTTP_REFUSAL,
  STATUS_TEXT,
  serializeRefusal,
  serializeUpgradeResponse,
  upgradeResponseLines,
} from '../../src/handshake/server-handshake.ts';
import { threeWays } from '../feed.ts';
import {
  faultOf,
  feed,
  headText,
  LATIN1,
  latin1Bytes,
  SAMPLE_ACCEPT,
  SAMPLE_KEY,
  sha1Base64,
} from './wire.ts';
import { MemorySocket } from './ws-oracle.ts';

const SAMPLE_HEADERS: Readonly<Record<string, string>> = {
  host: 'server.example.com',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': SAMPLE_KEY,
  'sec-websocket-version': '13',
};

/** The sample request with some headers changed; `undefined` takes one away. */
function request(changes: HeaderFields = {}, method = 'GET'): HandshakeRequest {
  return { method, headers: { ...SAMPLE_HEADERS, ...changes } };
}

/** What `ws` answers: its whole response. */
function answerOfWs({ method, headers }: HandshakeRequest, perMessageDeflate: object | boolean): string {
  let answer = '';
  const socket = new MemorySocket((text) => {
    answer += text;
  });
  const server = new WebSocketServer({ noServer: true, perMessageDeflate });
  server.handleUpgrade(
    { method, headers, url: '/' } as IncomingMessage,
    socket,
    Buffer.alloc(0),
    (client: WebSocket) => client.terminate(),
  );
  socket.destroy();
  return answer;
}

/** What we answer: likewise. */
function answer(handshake: HandshakeRequest, deflate: DeflateNegotiationOptions | undefined): string {
  const { upgrade, refusal } = decideUpgrade(handshake, deflate);
  if (refusal !== undefined) return serializeRefusal(refusal);
  const [subprotocol] = upgrade.subprotocols;
  const lines = upgradeResponseLines(upgrade.key, sha1Base64, subprotocol, upgrade.deflate?.response);
  return serializeUpgradeResponse(lines);
}

/** What `ws` answers, with what is ours: its type is not HTML, and a 405 has the header that RFC 9110 §15.5.6 wants. */
function asOurs(response: string): string {
  const [head = '', body] = response.split('\r\n\r\n');
  const allow = head.startsWith('HTTP/1.1 405 ') ? '\r\nAllow: GET' : '';
  return `${head.replace('text/html', 'text/plain; charset=utf-8')}${allow}\r\n\r\n${body}`;
}

function refusalOf(handshake: HandshakeRequest, deflate?: DeflateNegotiationOptions) {
  const { refusal } = decideUpgrade(handshake, deflate);
  return refusal && [refusal.statusCode, refusal.message];
}

describe('decideUpgrade', () => {
  it('accepts the request of RFC 6455 §1.2', () => {
    const bytes = latin1Bytes(
      headText('GET /chat HTTP/1.1', [
        ...Object.entries(SAMPLE_HEADERS).flat(),
        ...['Origin', 'http://example.com', 'Sec-WebSocket-Protocol', 'chat, superchat'],
      ]),
    );
    for (const chunks of threeWays(bytes)) {
      const parser = new RequestHeadParser();
      feed(parser, chunks);
      expect(decideUpgrade(parser.head!, undefined)).toEqual({
        upgrade: {
          key: SAMPLE_KEY,
          version: 13,
          subprotocols: new Set(['chat', 'superchat']),
          deflate: undefined,
        },
      });
    }
  });

  it.each<[string, HandshakeRequest]>([
    ['version 8', request({ 'sec-websocket-version': '8' })],
    ['Upgrade in capitals', request({ upgrade: 'WebSocket' })],
    ['Connection with more', request({ connection: 'keep-alive, Upgrade' })],
    ['HTTP/1.1', { ...request(), httpVersion: '1.1' }],
    ['no Host', request({ host: undefined })],
    ['extensions that nobody wants', request({ 'sec-websocket-extensions': 'foo;=' })],
  ])('accepts %s', (_what, handshake) => {
    expect(decideUpgrade(handshake, undefined).upgrade).toMatchObject({ key: SAMPLE_KEY });
  });

  it('accepts a version that is a number, as frameworks write it into requests of their own', () => {
    const headers = { ...SAMPLE_HEADERS, 'sec-websocket-version': 8 as unknown as string };
    expect(decideUpgrade({ method: 'GET', headers }, undefined).upgrade?.version).toBe(8);
  });

  it('agrees to an offer of permessage-deflate', () => {
    const handshake = request({
      'sec-websocket-extensions': 'foo, permessage-deflate; client_max_window_bits',
    });
    expect(decideUpgrade(handshake, { clientMaxWindowBits: 9 }).upgrade?.deflate).toEqual({
      parameters: {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: 9,
      },
      response: 'permessage-deflate; client_max_window_bits=9',
    });
    expect(decideUpgrade(handshake, undefined).upgrade?.deflate).toBeUndefined();
    expect(decideUpgrade(request(), {}).upgrade?.deflate).toBeUndefined();
    expect(
      decideUpgrade(request({ 'sec-websocket-extensions': 'foo' }), {}).upgrade?.deflate,
    ).toBeUndefined();
  });

  const VERSION = 'Missing or invalid Sec-WebSocket-Version header';
  const KEY = 'Missing or invalid Sec-WebSocket-Key header';
  const PROTOCOL = 'Invalid Sec-WebSocket-Protocol header';
  const EXTENSIONS = 'Invalid or unacceptable Sec-WebSocket-Extensions header';

  it.each<[string, HandshakeRequest, number, string]>([
    ['POST', request({}, 'POST'), 405, 'Invalid HTTP method'],
    ['get', request({}, 'get'), 405, 'Invalid HTTP method'],
    ['no method', { headers: SAMPLE_HEADERS }, 405, 'Invalid HTTP method'],
    ['HTTP/1.0', { ...request(), httpVersion: '1.0' }, 400, 'Invalid HTTP version'],
    ['no Upgrade', request({ upgrade: undefined }), 400, 'Invalid Upgrade header'],
    ['Upgrade to h2c', request({ upgrade: 'h2c' }), 400, 'Invalid Upgrade header'],
    ['two Upgrades', request({ upgrade: 'websocket, websocket' }), 400, 'Invalid Upgrade header'],
    ['no Connection', request({ connection: undefined }), 400, 'Invalid Connection header'],
    ['Connection: close', request({ connection: 'close' }), 400, 'Invalid Connection header'],
    ['no key', request({ 'sec-websocket-key': undefined }), 400, KEY],
    ['an empty key', request({ 'sec-websocket-key': '' }), 400, KEY],
    ['two keys', request({ 'sec-websocket-key': `${SAMPLE_KEY}, ${SAMPLE_KEY}` }), 400, KEY],
    ['no version', request({ 'sec-websocket-version': undefined }), 400, VERSION],
    ['version 12', request({ 'sec-websocket-version': '12' }), 400, VERSION],
    ['version 13 as 013', request({ 'sec-websocket-version': '013' }), 400, VERSION],
    ['two versions', request({ 'sec-websocket-version': '13, 13' }), 400, VERSION],
    ['an empty subprotocol', request({ 'sec-websocket-protocol': '' }), 400, PROTOCOL],
    ['a subprotocol twice', request({ 'sec-websocket-protocol': 'a, a' }), 400, PROTOCOL],
    ['bad extensions', request({ 'sec-websocket-extensions': 'foo;=' }), 400, EXTENSIONS],
    [
      'a hidden offer',
      request({ 'sec-websocket-extensions': 'x; y=",permessage-deflate"' }),
      400,
      EXTENSIONS,
    ],
    [
      'a bad parameter',
      request({ 'sec-websocket-extensions': 'permessage-deflate; server_max_window_bits=7' }),
      400,
      EXTENSIONS,
    ],
  ])('refuses %s', (_what, handshake, statusCode, message) => {
    expect(refusalOf(handshake, {})).toEqual([statusCode, message]);
  });

  it('names the first fault, in the order of ws', () => {
    const faults: HeaderFields = {
      upgrade: 'foo',
      connection: 'foo',
      'sec-websocket-key': 'foo',
      'sec-websocket-version': 'foo',
      'sec-websocket-protocol': '?',
      'sec-websocket-extensions': '?',
    };
    const messages = [refusalOf({ ...request(faults, 'PUT'), httpVersion: '1.0' }, {})];
    messages.push(refusalOf({ ...request(faults), httpVersion: '1.0' }, {}));
    for (const name of Object.keys(faults)) {
      messages.push(refusalOf(request(faults), {}));
      faults[name] = SAMPLE_HEADERS[name];
    }
    expect(messages).toEqual([
      [405, 'Invalid HTTP method'],
      [400, 'Invalid HTTP version'],
      [400, 'Invalid Upgrade header'],
      [400, 'Invalid Connection header'],
      [400, KEY],
      [400, VERSION],
      [400, PROTOCOL],
      [400, EXTENSIONS],
    ]);
    expect(refusalOf(request(faults), {})).toBeUndefined();
  });

  it('says which methods and versions there are (RFC 9110 §15.5.6; RFC 6455 §4.4)', () => {
    expect(decideUpgrade(request({}, 'POST'), {}).refusal?.headers).toEqual({ Allow: 'GET' });
    expect(decideUpgrade(request({ 'sec-websocket-version': '12' }), {}).refusal?.headers).toEqual({
      'Sec-WebSocket-Version': '13, 8',
    });
  });

  it('refuses over bad options of its own without an exception', () => {
    const handshake = request({ 'sec-websocket-extensions': 'permessage-deflate' });
    expect(refusalOf(handshake, { serverMaxWindowBits: 7 })).toEqual([400, EXTENSIONS]);
  });

  it.each(Object.keys(SAMPLE_HEADERS))('takes or refuses any byte in %s', (name) => {
    for (const character of LATIN1) {
      const handshake = request({ [name]: `${SAMPLE_HEADERS[name]}${character}` });
      expect([undefined, 400]).toContain(decideUpgrade(handshake, {}).refusal?.statusCode);
    }
  });
});

describe('decideUpgrade against ws', () => {
  const value = (...texts: string[]) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...texts) },
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...LATIN1), maxLength: 6 }) },
    );
  const handshakes = fc
    .record({
      upgrade: value('websocket', 'WebSocket', 'h2c'),
      'sec-websocket-key': value(SAMPLE_KEY, `${SAMPLE_KEY}=`),
      'sec-websocket-version': value('13', '8', '7'),
      'sec-websocket-protocol': value('a', 'a, b', 'a,', 'a,a'),
      'sec-websocket-extensions': value(
        'permessage-deflate',
        'permessage-deflate; client_max_window_bits, foo',
        'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
        'permessage-deflate; client_max_window_bits=7',
        'foo; bar',
        'foo;',
      ),
    })
    // ws reads the version as a number, whatever its form.
    .filter(({ 'sec-websocket-version': version }) => !/^\s*(0|\+|\.)|[.e\s]/.test(version ?? ''));

  it.each([
    ['off', undefined],
    ['on', {}],
    ['on with options', { serverNoContextTakeover: true, clientMaxWindowBits: 10 }],
    ['on with refusals', { serverNoContextTakeover: false, serverMaxWindowBits: false }],
  ])('gives the same answer, with permessage-deflate %s', (_how, deflate) => {
    fc.assert(
      fc.property(handshakes, fc.constantFrom('GET', 'GET', 'GET', 'POST'), (headers, method) => {
        const handshake = request(headers, method);
        expect(answer(handshake, deflate)).toBe(asOurs(answerOfWs(handshake, deflate ?? false)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same answer to every byte of a header', () => {
    for (const name of [
      'upgrade',
      'sec-websocket-key',
      'sec-websocket-protocol',
      'sec-websocket-extensions',
    ]) {
      for (const character of LATIN1) {
        const handshake = request({ [name]: `${SAMPLE_HEADERS[name] ?? 'foo'}${character}` });
        expect(answer(handshake, {})).toBe(asOurs(answerOfWs(handshake, true)));
      }
    }
  });
});

describe('the two halves of decideUpgrade', () => {
  it('leave room for a check between them', () => {
    const handshake = request({ 'sec-websocket-protocol': '?' });
    const { opening } = checkUpgradeRequest(handshake);
    expect(opening).toMatchObject({ key: SAMPLE_KEY, version: 13 });
    expect(negotiateOpening(opening!, undefined).refusal?.message).toBe(
      'Invalid Sec-WebSocket-Protocol header',
    );
  });

  it('refuse each on its own', () => {
    expect(checkUpgradeRequest(request({ upgrade: 'h2c' }))).toEqual({
      refusal: { statusCode: 400, message: 'Invalid Upgrade header', headers: undefined },
    });
  });
});

describe('a raw request that is no opening handshake', () => {
  it.each([
    ['duplicate Host', ['Host', 'b'], undefined],
    ['duplicate Upgrade', ['Upgrade', 'websocket'], 'Invalid Upgrade header'],
    ['duplicate Connection', ['Connection', 'Upgrade'], undefined],
    ['duplicate key', ['Sec-WebSocket-Key', SAMPLE_KEY], 'Missing or invalid Sec-WebSocket-Key header'],
    ['duplicate version', ['Sec-WebSocket-Version', '13'], 'Missing or invalid Sec-WebSocket-Version header'],
    ['two lists of subprotocols', ['Sec-WebSocket-Protocol', 'b'], undefined],
    ['a subprotocol in two lists', ['Sec-WebSocket-Protocol', 'a'], 'Invalid Sec-WebSocket-Protocol header'],
    ['two lists of extensions', ['Sec-WebSocket-Extensions', 'foo'], undefined],
  ])('with %s', (_what, more, message) => {
    const headers = [
      ...Object.entries(SAMPLE_HEADERS).flat(),
      ...['Sec-WebSocket-Protocol', 'a', 'Sec-WebSocket-Extensions', 'bar'],
    ];
    const parser = new RequestHeadParser();
    feed(parser, [latin1Bytes(headText('GET / HTTP/1.1', [...headers, ...more]))]);
    expect(decideUpgrade(parser.head!, {}).refusal?.message).toBe(message);
  });

  it('with any bytes in any header', () => {
    const names = [...Object.keys(SAMPLE_HEADERS), 'sec-websocket-protocol', 'sec-websocket-extensions'];
    for (const name of names) {
      for (const character of LATIN1) {
        const text = headText('GET / HTTP/1.1', [name, character, ...Object.entries(SAMPLE_HEADERS).flat()]);
        const parser = new RequestHeadParser();
        if (faultOf(parser, [latin1Bytes(text)]) === undefined) {
          expect([undefined, 400]).toContain(decideUpgrade(parser.head!, {}).refusal?.statusCode);
        } else {
          expect(parser.head).toBeUndefined();
        }
      }
    }
  });
});

describe('upgradeResponseLines', () => {
  it('begins as every such response does', () => {
    expect(upgradeResponseLines(SAMPLE_KEY, sha1Base64, undefined, undefined)).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`,
    ]);
  });

  it('goes on with what was agreed', () => {
    expect(upgradeResponseLines(SAMPLE_KEY, sha1Base64, 'chat', 'permessage-deflate').slice(4)).toEqual([
      'Sec-WebSocket-Protocol: chat',
      'Sec-WebSocket-Extensions: permessage-deflate',
    ]);
  });

  it.each([false, '', undefined] as const)('has no subprotocol for %j', (subprotocol) => {
    expect(upgradeResponseLines(SAMPLE_KEY, sha1Base64, subprotocol, undefined)).toHaveLength(4);
  });

  it.each(['a\r\nSet-Cookie: b', 'a\n', '\0', '€'])('never holds the value %j', (value) => {
    const expected = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' });
    expect(() => upgradeResponseLines(SAMPLE_KEY, sha1Base64, value, undefined)).toThrow(expected);
    expect(() => upgradeResponseLines(SAMPLE_KEY, sha1Base64, undefined, value)).toThrow(expected);
  });
});

describe('serializeUpgradeResponse', () => {
  it('reads back in any chunks, and the frames after it stay', () => {
    const lines = [...upgradeResponseLines(SAMPLE_KEY, sha1Base64, 'chat', undefined), 'Set-Cookie: a=b'];
    const bytes = latin1Bytes(serializeUpgradeResponse(lines));
    for (const chunks of threeWays(bytes)) {
      const parser = new ResponseHeadParser();
      expect(feed(parser, chunks)).toBe(bytes.length);
      expect(parser.head).toMatchObject({
        statusCode: 101,
        headers: { 'sec-websocket-accept': SAMPLE_ACCEPT, 'set-cookie': ['a=b'] },
      });
    }
  });

  it('is text to be written as UTF-8', () => {
    expect(serializeUpgradeResponse(['A: é€'])).toBe('A: é€\r\n\r\n');
  });

  it.each(['', 'A: b\r\nC: d', 'A: b\r\n', 'A: \0', 'A: \x7f'])('never sends the line %j', (line) => {
    expect(() => serializeUpgradeResponse(['HTTP/1.1 101 Switching Protocols', line])).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' }),
    );
  });
});

it('hands on what it takes from its neighbours', () => {
  expect(PLAIN_HTTP_REFUSAL.statusCode).toBe(426);
  expect(STATUS_TEXT[426]).toBe('Upgrade Required');
});
