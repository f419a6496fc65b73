import { describe, expect, it } from 'vitest';
import {
  acceptsConnect,
  type ConnectRequestOptions,
  connectRequestFields,
} from '../../src/handshake/http2-client-handshake.ts';
import { checkConnectRequest } from '../../src/handshake/http2-server-handshake.ts';

const SAMPLE: ConnectRequestOptions = {
  secure: true,
  authority: 'server.example.com:8443',
  target: '/chat?a=b',
  version: 13,
  subprotocols: ['one', 'two'],
  extensions: 'permessage-deflate',
  origin: 'https://example.com',
  authorization: 'Basic eA==',
};

describe('connectRequestFields', () => {
  it('is an extended CONNECT, with no key and nothing of HTTP/1.1 (RFC 8441 §5)', () => {
    const fields = connectRequestFields(SAMPLE);
    expect(fields).toEqual({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': 'server.example.com:8443',
      ':path': '/chat?a=b',
      'sec-websocket-version': '13',
      'sec-websocket-extensions': 'permessage-deflate',
      'sec-websocket-protocol': 'one,two',
      origin: 'https://example.com',
      authorization: 'Basic eA==',
    });
    expect(checkConnectRequest(fields).opening).toBeDefined();
  });

  it('has the headers of the caller, whose Host is the authority', () => {
    const fields = connectRequestFields({
      ...SAMPLE,
      secure: false,
      headers: {
        Host: 'other',
        Cookie: ['a=1', 'b=2'],
        'X-Many': ['1', '2'],
        Connection: 'x',
        'Sec-WebSocket-Accept': 'x',
      },
    });
    expect(fields).toMatchObject({
      ':scheme': 'http',
      ':authority': 'other',
      cookie: 'a=1; b=2',
      'x-many': ['1', '2'],
    });
    for (const name of ['host', 'connection', 'sec-websocket-key', 'sec-websocket-accept']) {
      expect(fields).not.toHaveProperty(name);
    }
  });

  it.each<[string, Partial<ConnectRequestOptions>, string]>([
    ['a target', { target: '/ü' }, 'ERR_UNESCAPED_CHARACTERS'],
    ['a value', { headers: { a: 'b\r\nc: d' } }, 'ERR_INVALID_CHAR'],
    ['a name', { headers: { ':path': '/' } }, 'ERR_INVALID_HTTP_TOKEN'],
  ])('refuses %s that can not be sent', (_name, changes, code) => {
    expect(() => connectRequestFields({ ...SAMPLE, ...changes })).toThrow(expect.objectContaining({ code }));
  });
});

describe('acceptsConnect', () => {
  it.each([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
    [0, false],
  ])('%i: %s', (status, expected) => {
    expect(acceptsConnect(status)).toBe(expected);
  });
});
