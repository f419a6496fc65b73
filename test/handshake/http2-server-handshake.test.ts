import { describe, expect, it } from 'vitest';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import {
  asksForWebSocket,
  checkConnectRequest,
  connectRefusal,
  connectResponse,
  connectResponseLines,
  plainHttp2Refusal,
} from '../../src/handshake/http2-server-handshake.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY, sha1Base64 } from './wire.ts';

const SAMPLE: HeaderFields = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':path': '/chat',
  ':authority': 'server.example.com',
  'sec-websocket-version': '13',
};

function statusOf(changes: HeaderFields): number | undefined {
  return checkConnectRequest({ ...SAMPLE, ...changes }).refusal?.statusCode;
}

describe('checkConnectRequest', () => {
  it('takes the sample of RFC 8441 §5.1', () => {
    expect(checkConnectRequest(SAMPLE).opening).toMatchObject({ version: 13 });
    expect(statusOf({ ':scheme': 'http', ':protocol': 'WebSocket', 'sec-websocket-version': '8' })).toBe(
      undefined,
    );
  });

  it('does not look at keys, which prove nothing', () => {
    expect(statusOf({ 'sec-websocket-key': 'x', te: 'trailers' })).toBe(undefined);
  });

  const UNSUPPORTED = { statusCode: 501, message: 'Unsupported protocol' };
  const OF_A_CONNECTION = { statusCode: 400, message: 'Invalid header of a connection' };
  const VERSION = { statusCode: 400, message: 'Missing or invalid Sec-WebSocket-Version header' };

  it.each<[string, HeaderFields, object]>([
    ['another protocol (RFC 9220 §3)', { ':protocol': 'webtransport' }, UNSUPPORTED],
    ['no protocol', { ':protocol': undefined }, UNSUPPORTED],
    ['another method', { ':method': 'GET' }, UNSUPPORTED],
    ['no scheme', { ':scheme': undefined }, { statusCode: 400, message: 'Invalid :scheme' }],
    ['another scheme', { ':scheme': 'ftp' }, { statusCode: 400, message: 'Invalid :scheme' }],
    ['no path', { ':path': undefined }, { statusCode: 400, message: 'Invalid :path' }],
    ['a path that is none', { ':path': '*' }, { statusCode: 400, message: 'Invalid :path' }],
    ['a path that is no ASCII', { ':path': '/\x9b' }, { statusCode: 400, message: 'Invalid :path' }],
    ['Upgrade (RFC 9113 §8.2.2)', { upgrade: 'websocket' }, OF_A_CONNECTION],
    ['Connection (RFC 9113 §8.2.2)', { connection: 'Upgrade' }, OF_A_CONNECTION],
    ['no version', { 'sec-websocket-version': undefined }, VERSION],
    ['version 7', { 'sec-websocket-version': '7' }, VERSION],
  ])('refuses %s', (_name, changes, refusal) => {
    expect(checkConnectRequest({ ...SAMPLE, ...changes }).refusal).toMatchObject(refusal);
  });

  it('names the versions that there are', () => {
    const { refusal } = checkConnectRequest({ ...SAMPLE, 'sec-websocket-version': '7' });
    expect(refusal?.headers).toEqual({ 'Sec-WebSocket-Version': '13, 8' });
  });
});

describe('what is for somebody else', () => {
  it.each<[HeaderFields, boolean]>([
    [SAMPLE, true],
    [{ ...SAMPLE, ':method': 'GET' }, false],
    [{ ...SAMPLE, ':protocol': undefined }, false],
    [{ ...SAMPLE, ':protocol': 'connect-udp' }, false],
  ])('%o asks for a WebSocket: %s', (headers, expected) => {
    expect(asksForWebSocket(headers)).toBe(expected);
  });

  it('is refused where there is nobody else', () => {
    expect(plainHttp2Refusal({ ':method': 'GET' })).toEqual({
      statusCode: 405,
      message: 'Only WebSockets',
      headers: { Allow: 'CONNECT' },
    });
    expect(plainHttp2Refusal({ ':method': 'CONNECT' })).toEqual({
      statusCode: 501,
      message: 'Unsupported protocol',
    });
  });
});

describe('the response that accepts', () => {
  it('has what was agreed', () => {
    const lines = connectResponseLines(SAMPLE, sha1Base64, 'chat', 'permessage-deflate');
    expect(lines).toEqual([
      ':status: 200',
      'Sec-WebSocket-Protocol: chat',
      'Sec-WebSocket-Extensions: permessage-deflate',
    ]);
    expect(connectResponse(lines)).toEqual({
      ':status': '200',
      'sec-websocket-protocol': 'chat',
      'sec-websocket-extensions': 'permessage-deflate',
    });
  });

  it('answers a key, though nobody has to send one', () => {
    const lines = connectResponseLines(
      { ...SAMPLE, 'sec-websocket-key': SAMPLE_KEY },
      sha1Base64,
      undefined,
      undefined,
    );
    expect(lines).toEqual([':status: 200', `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`]);
    const none = connectResponseLines(
      { ...SAMPLE, 'sec-websocket-key': 'x' },
      sha1Base64,
      undefined,
      undefined,
    );
    expect(none).toEqual([':status: 200']);
  });

  it('has what listeners added, but for what HTTP/1.1 alone has', () => {
    const lines = [
      ...connectResponseLines(SAMPLE, sha1Base64, undefined, undefined),
      'Set-Cookie: a=ü',
      'X:  y ',
      'Connection: close',
    ];
    expect(connectResponse(lines)).toEqual({ ':status': '200', 'set-cookie': 'a=ü', x: 'y' });
  });

  it.each([
    ['', 'ERR_INVALID_CHAR'],
    ['a: b\r\nc: d', 'ERR_INVALID_CHAR'],
    ['no colon', 'ERR_INVALID_HTTP_TOKEN'],
    [':status: 500', 'ERR_INVALID_HTTP_TOKEN'],
    ['a b: c', 'ERR_INVALID_HTTP_TOKEN'],
  ])('can not have %j', (line, code) => {
    expect(() => connectResponse([':status: 200', line])).toThrow(expect.objectContaining({ code }));
  });

  it('can not have a subprotocol that is none', () => {
    expect(() => connectResponseLines(SAMPLE, sha1Base64, 'a\nb', undefined)).toThrow(TypeError);
  });
});

describe('the response that refuses', () => {
  it('has a body, and no field of a connection', () => {
    const { fields, body } = connectRefusal({
      statusCode: 503,
      message: '',
      headers: { 'Retry-After': 5, Connection: 'close' },
    });
    expect(fields).toEqual({
      ':status': '503',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '19',
      'retry-after': '5',
    });
    expect(body).toBe('Service Unavailable');
  });

  it('has no body where its status has none', () => {
    const { fields, body } = connectRefusal({ statusCode: 304, message: 'x', headers: { ETag: '"a"' } });
    expect(fields).toEqual({ ':status': '304', 'content-type': 'text/plain; charset=utf-8', etag: '"a"' });
    expect(body).toBeUndefined();
  });

  it.each([200, 204, 299, 199, 1000])('can not be %i, which accepts or is none', (statusCode) => {
    expect(() => connectRefusal({ statusCode, message: '' })).toThrow(
      expect.objectContaining({
        name: 'RangeError',
        code: 'ERR_HTTP_INVALID_STATUS_CODE',
        message: expect.stringMatching(`^Invalid status code: ${statusCode}`),
      }),
    );
  });

  it('says of a status that accepts that it does', () => {
    expect(() => connectRefusal({ statusCode: 299, message: '' })).toThrow(/accepts a CONNECT request$/);
    expect(connectRefusal({ statusCode: 300, message: '' }).fields[':status']).toBe('300');
  });

  it('can not have a header that ends its line', () => {
    expect(() => connectRefusal({ statusCode: 400, message: '', headers: { a: 'b\r\n' } })).toThrow(
      TypeError,
    );
  });
});
