import { describe, expect, it } from 'vitest';
import { clientRequest } from '../../src/api/client-request.ts';
import { parseAddress } from '../../src/api/client-url.ts';

describe('clientRequest', () => {
  it('asks for what the defaults are', () => {
    expect(clientRequest(parseAddress('ws://example.com/a'), [], {})).toEqual({
      target: { secure: false, host: 'example.com', port: 80, socketPath: undefined, options: {} },
      upgrade: {
        target: '/a',
        host: 'example.com',
        version: 13,
        subprotocols: [],
        origin: undefined,
        authorization: undefined,
        headers: {},
      },
      deflate: {},
      handshakeTimeout: 30_000,
    });
  });

  it('asks for what the options say', () => {
    const options = {
      protocolVersion: 8,
      origin: 'http://a',
      auth: 'a:b',
      headers: { 'X-One': '1' },
      perMessageDeflate: false,
      handshakeTimeout: 5,
    };
    const request = clientRequest(parseAddress('ws://example.com/'), ['chat'], options);
    expect(request.upgrade).toMatchObject({
      version: 8,
      subprotocols: ['chat'],
      origin: 'http://a',
      authorization: 'Basic YTpi',
      headers: { 'X-One': '1' },
    });
    expect([request.deflate, request.handshakeTimeout]).toEqual([undefined, 5]);
  });
});
