import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HEAD_LIMITS,
  HttpHeadError,
  type HttpHeadErrorCode,
  type RequestHead,
  RequestHeadParser,
  type ResponseHead,
  ResponseHeadParser,
} from '../../src/handshake/http-head.ts';
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
  token,
} from './wire.ts';

/** A head in the form that `toEqual` compares by contents alone. */
function plain<T extends RequestHead | ResponseHead>(head: T | undefined): unknown {
  return { ...head, headers: { ...head?.headers } };
}

/** The opening handshake of RFC 6455 §1.2, both ways. */
const SAMPLE_REQUEST = headText('GET /chat HTTP/1.1', [
  ...['Host', 'server.example.com', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
  ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Origin', 'http://example.com'],
  ...['Sec-WebSocket-Protocol', 'chat, superchat', 'Sec-WebSocket-Version', '13'],
]);
const SAMPLE_RESPONSE = headText('HTTP/1.1 101 Switching Protocols', [
  ...['Upgrade', 'websocket', 'Connection', 'Upgrade'],
  ...['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'Sec-WebSocket-Protocol', 'chat'],
]);

it('has the limits of node:http', () => {
  expect(DEFAULT_HEAD_LIMITS).toEqual({ maxHeadBytes: 16_384, maxHeaders: 2000 });
});

describe('RequestHeadParser', () => {
  it('reads the request of RFC 6455 §1.2', () => {
    const bytes = latin1Bytes(SAMPLE_REQUEST);
    for (const chunks of threeWays(bytes)) {
      const parser = new RequestHeadParser();
      expect(feed(parser, chunks)).toBe(bytes.length);
      expect(parser.head).toMatchObject({ method: 'GET', target: '/chat', httpVersion: '1.1' });
      expect(parser.head?.headers).toMatchObject({
        host: 'server.example.com',
        'sec-websocket-protocol': 'chat, superchat',
        'sec-websocket-version': '13',
      });
    }
  });

  it.each<[string, Pick<RequestHead, 'method' | 'target' | 'httpVersion'>]>([
    ['GET / HTTP/1.0', { method: 'GET', target: '/', httpVersion: '1.0' }],
    ['\r\nGET / HTTP/1.1', { method: 'GET', target: '/', httpVersion: '1.1' }],
    ['\r\n\r\nGET /?a=b&c HTTP/1.1', { method: 'GET', target: '/?a=b&c', httpVersion: '1.1' }],
    ['OPTIONS * HTTP/1.1', { method: 'OPTIONS', target: '*', httpVersion: '1.1' }],
    ['GET ws://h:1/p HTTP/1.1', { method: 'GET', target: 'ws://h:1/p', httpVersion: '1.1' }],
    ['CONNECT h:443 HTTP/1.1', { method: 'CONNECT', target: 'h:443', httpVersion: '1.1' }],
    ['M-SEARCH / HTTP/1.1', { method: 'M-SEARCH', target: '/', httpVersion: '1.1' }],
  ])('reads %j', (line, expected) => {
    for (const chunks of threeWays(latin1Bytes(headText(line)))) {
      const parser = new RequestHeadParser();
      feed(parser, chunks);
      expect(plain(parser.head)).toEqual({ ...expected, rawHeaders: [], headers: {} });
    }
  });

  it.each<[string, string, HttpHeadErrorCode]>([
    ['', ' ', 'HPE_INVALID_METHOD'],
    ['', '\n', 'HPE_INVALID_METHOD'],
    ['', '\x16', 'HPE_INVALID_METHOD'],
    ['', '\x82', 'HPE_INVALID_METHOD'],
    ['\r', 'G', 'HPE_LF_EXPECTED'],
    ['\r\n', ' ', 'HPE_INVALID_METHOD'],
    ['G', '@', 'HPE_INVALID_METHOD'],
    ['GET', '\t', 'HPE_INVALID_METHOD'],
    ['GET', '\r', 'HPE_INVALID_METHOD'],
    ['GET ', ' ', 'HPE_INVALID_URL'],
    ['CONNECT ', ' ', 'HPE_INVALID_URL'],
    ['GET /', '\r', 'HPE_INVALID_URL'],
    ['GET /', '\n', 'HPE_CR_EXPECTED'],
    ['GET /', '\t', 'HPE_INVALID_URL'],
    ['GET /', '\x00', 'HPE_INVALID_URL'],
    ['GET /', '\x7f', 'HPE_INVALID_URL'],
    ['GET /', '\xe9', 'HPE_INVALID_URL'],
    ['GET foo', ' ', 'HPE_INVALID_URL'],
    ['GET ://', ' ', 'HPE_INVALID_URL'],
    ['GET / ', ' ', 'HPE_INVALID_CONSTANT'],
    ['GET / HTTP/', '2', 'HPE_INVALID_VERSION'],
    ['PRI * HTTP/', '2', 'HPE_INVALID_VERSION'],
    ['GET / HTTP/1.', '2', 'HPE_INVALID_VERSION'],
    ['GET / HTTP/1.1', ' ', 'HPE_INVALID_VERSION'],
    ['GET / HTTP/1.1', '\n', 'HPE_CR_EXPECTED'],
    ['GET / HTTP/1.1\r\nHost', ' ', 'HPE_INVALID_HEADER_TOKEN'],
  ])('refuses %j then %j: %s', (before, faulty, code) => {
    expectRefusal(() => new RequestHeadParser(), before, faulty, code);
  });

  it('takes exactly visible ASCII in a target', () => {
    const taken = LATIN1.filter(
      (character) => faultOf(new RequestHeadParser(), [latin1Bytes(`GET /${character}`)]) === undefined,
    );
    expect(taken).toEqual(LATIN1.slice(0x20, 0x7f));
  });

  it('reads 2100 headers no further than the limit', () => {
    const headers = Array.from({ length: 2100 }, () => ['A', '']).flat();
    for (const chunks of threeWays(latin1Bytes(headText('GET / HTTP/1.1', headers)))) {
      expect(faultOf(new RequestHeadParser(), chunks)).toBe('HPE_HEADER_OVERFLOW');
    }
  });

  it('takes limits', () => {
    const parser = new RequestHeadParser({ maxHeadBytes: 10, maxHeaders: 1 });
    expect(faultOf(parser, [latin1Bytes(SAMPLE_REQUEST)])).toBe('HPE_HEADER_OVERFLOW');
  });

  it('reads back any request, however it is cut', () => {
    const target = fc
      .string({ unit: fc.constantFrom(...LATIN1.slice(0x21, 0x7f)) })
      .map((text) => `/${text}`);
    const request = fc
      .record({ method: token, target, httpVersion: fc.constantFrom('1.0', '1.1'), rawHeaders })
      .chain((head) => {
        const text = headText(`${head.method} ${head.target} HTTP/${head.httpVersion}`, head.rawHeaders);
        return fc.tuple(fc.constant(head), chunksOf(latin1Bytes(text)));
      });
    fc.assert(
      fc.property(request, ([head, chunks]) => {
        const parser = new RequestHeadParser();
        feed(parser, chunks);
        expect(parser.head).toMatchObject(head);
      }),
    );
  });
});

describe('ResponseHeadParser', () => {
  it('reads the response of RFC 6455 §1.2', () => {
    const bytes = latin1Bytes(SAMPLE_RESPONSE);
    for (const chunks of threeWays(bytes)) {
      const parser = new ResponseHeadParser();
      expect(feed(parser, chunks)).toBe(bytes.length);
      expect(parser.head).toMatchObject({ statusCode: 101, statusMessage: 'Switching Protocols' });
      expect(parser.head?.headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-protocol': 'chat' });
    }
  });

  it.each<[string, Pick<ResponseHead, 'statusCode' | 'statusMessage' | 'httpVersion'>]>([
    ['HTTP/1.0 200 OK', { statusCode: 200, statusMessage: 'OK', httpVersion: '1.0' }],
    ['HTTP/1.1 200 ', { statusCode: 200, statusMessage: '', httpVersion: '1.1' }],
    ['HTTP/1.1 200', { statusCode: 200, statusMessage: '', httpVersion: '1.1' }],
    ['HTTP/1.1 100 a\tb  c', { statusCode: 100, statusMessage: 'a\tb  c', httpVersion: '1.1' }],
    ['HTTP/1.1 999 \xe9', { statusCode: 999, statusMessage: '\xe9', httpVersion: '1.1' }],
  ])('reads %j', (line, expected) => {
    for (const chunks of threeWays(latin1Bytes(headText(line)))) {
      const parser = new ResponseHeadParser();
      feed(parser, chunks);
      expect(plain(parser.head)).toEqual({ ...expected, rawHeaders: [], headers: {} });
    }
  });

  it.each<[string, string, HttpHeadErrorCode]>([
    ['', 'f', 'HPE_INVALID_CONSTANT'],
    ['', '\r', 'HPE_INVALID_CONSTANT'],
    ['', '\x15', 'HPE_INVALID_CONSTANT'],
    ['HTTP', 'S', 'HPE_INVALID_CONSTANT'],
    ['HTTP/', '2', 'HPE_INVALID_VERSION'],
    ['HTTP/1.1', '\r', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 ', ' ', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 ', '0', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 1', 'x', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 1', '/', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 1', ':', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 10', ' ', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 101', '1', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 101', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1 101 a', '\n', 'HPE_CR_EXPECTED'],
    ['HTTP/1.1 101 a', '\x00', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 101 a', '\x7f', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1 101 a\r', 'b', 'HPE_LF_EXPECTED'],
    ['HTTP/1.1 101\r\nA', '\r', 'HPE_INVALID_HEADER_TOKEN'],
  ])('refuses %j then %j: %s', (before, faulty, code) => {
    expectRefusal(() => new ResponseHeadParser(), before, faulty, code);
  });

  it('says of garbage what node:http says of it', () => {
    expect(() => feed(new ResponseHeadParser(), [latin1Bytes('foo')])).toThrow(
      expect.objectContaining({ code: 'HPE_INVALID_CONSTANT', message: 'Parse Error: Expected HTTP/' }),
    );
  });

  it('reads back any response, however it is cut', () => {
    const response = fc
      .record({
        statusCode: fc.integer({ min: 100, max: 999 }),
        statusMessage: headerValue,
        httpVersion: fc.constantFrom('1.0', '1.1'),
        rawHeaders,
      })
      .chain((head) => {
        const line = `HTTP/${head.httpVersion} ${head.statusCode} ${head.statusMessage}`;
        return fc.tuple(fc.constant(head), chunksOf(latin1Bytes(headText(line, head.rawHeaders))));
      });
    fc.assert(
      fc.property(response, ([head, chunks]) => {
        const parser = new ResponseHeadParser();
        feed(parser, chunks);
        expect(parser.head).toMatchObject(head);
      }),
    );
  });
});

describe.each([
  ['RequestHeadParser', RequestHeadParser, SAMPLE_REQUEST],
  ['ResponseHeadParser', ResponseHeadParser, SAMPLE_RESPONSE],
])('%s on any bytes', (_name, Parser, sample) => {
  it('throws nothing but HttpHeadError, and the same however they are cut', () => {
    const noise = fc.uint8Array({ maxLength: 64 });
    const mutated = fc
      .tuple(fc.nat({ max: sample.length - 1 }), noise, fc.nat({ max: 3 }))
      .map(([place, bytes, removed]) => {
        const before = latin1Bytes(sample.slice(0, place));
        return Uint8Array.from([...before, ...bytes, ...latin1Bytes(sample.slice(place + removed))]);
      });
    fc.assert(
      fc.property(fc.oneof(noise, mutated), (bytes) => {
        const faults = threeWays(bytes, new Uint8Array(0)).map((chunks) => faultOf(new Parser(), chunks));
        expect(new Set(faults).size).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  it('takes or refuses each byte at each place of the sample', () => {
    for (let place = 0; place < sample.length; place++) {
      for (const character of LATIN1) {
        const parser = new Parser();
        const text = `${sample.slice(0, place)}${character}${sample.slice(place + 1)}`;
        try {
          feed(parser, [latin1Bytes(text)]);
        } catch (error) {
          if (!(error instanceof HttpHeadError)) throw error;
          expect(parser.head).toBeUndefined();
        }
      }
    }
  });
});
