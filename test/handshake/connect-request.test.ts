import { describe, expect, it } from 'vitest';
import { serializeConnectRequest } from '../../src/handshake/connect-request.ts';

const PLAIN = { host: 'example.com', port: 443, headers: {}, authorization: undefined };

describe('serializeConnectRequest', () => {
  it('asks for a tunnel', () => {
    const head = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n';
    expect(serializeConnectRequest(PLAIN)).toBe(head);
  });

  it('puts IPv6 addresses in brackets', () => {
    expect(serializeConnectRequest({ ...PLAIN, host: '::1', port: '80' })).toBe(
      'CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
    );
  });

  it('sends credentials and further headers, which go before', () => {
    const authorization = 'Basic YTpi';
    expect(serializeConnectRequest({ ...PLAIN, authorization, headers: { A: 'b' } })).toBe(
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic YTpi\r\nA: b\r\n\r\n',
    );
    const headers = { 'proxy-authorization': 'Bearer x', HOST: 'other' };
    expect(serializeConnectRequest({ ...PLAIN, authorization, headers })).toBe(
      'CONNECT example.com:443 HTTP/1.1\r\nHOST: other\r\nproxy-authorization: Bearer x\r\n\r\n',
    );
  });

  it.each([
    [{ 'A b': 'c' }, 'ERR_INVALID_HTTP_TOKEN'],
    [{ A: 'b\r\nC: d' }, 'ERR_INVALID_CHAR'],
  ])('refuses %j', (headers, code) => {
    expect(() => serializeConnectRequest({ ...PLAIN, headers: headers as never })).toThrow(
      expect.objectContaining({ name: 'TypeError', code }),
    );
  });
});
