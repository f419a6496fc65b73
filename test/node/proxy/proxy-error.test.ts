import { expect, it } from 'vitest';
import {
  invalidProxy,
  invalidProxyResponse,
  proxyHungUp,
  proxyRefused,
  proxyUnreachable,
  socksMissing,
  socksRefused,
} from '../../../src/node/proxy/proxy-error.ts';

const cause = new Error('why');

it.each([
  [
    invalidProxy('HTTP_PROXY', 'it is no URL'),
    'WS_ERR_INVALID_PROXY',
    'Invalid proxy in HTTP_PROXY: it is no URL',
  ],
  [proxyUnreachable(cause), 'WS_ERR_PROXY_UNREACHABLE', "The proxy can't be reached: why"],
  [proxyHungUp(), 'WS_ERR_PROXY_UNREACHABLE', "The proxy can't be reached: socket hang up"],
  [proxyRefused(407), 'WS_ERR_PROXY_REFUSED', 'The proxy refused the connection: 407'],
  [socksRefused('no'), 'WS_ERR_PROXY_REFUSED', 'The proxy refused the connection: no'],
  [invalidProxyResponse(cause), 'WS_ERR_PROXY_RESPONSE', "The proxy's response can't be read: why"],
  [socksMissing(cause), 'WS_ERR_SOCKS_MISSING', 'SOCKS proxies need the package "socks": npm install socks'],
])('%s has a code', (error, code, message) => {
  expect(error).toMatchObject({ code, message });
});

it('has the reason, or the status', () => {
  expect(proxyUnreachable(cause).cause).toBe(cause);
  expect(invalidProxyResponse(cause).cause).toBe(cause);
  expect(socksMissing(cause).cause).toBe(cause);
  expect(proxyHungUp().cause).toMatchObject({ code: 'ECONNRESET' });
  expect(proxyRefused(407).statusCode).toBe(407);
  expect(invalidProxy('a', 'b')).toBeInstanceOf(SyntaxError);
});
