import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/api/client-url.ts';
import type { ClientOptions } from '../../src/api/options.ts';
import { RedirectChain } from '../../src/api/redirect-chain.ts';

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;
const secrets = { Authorization: 'secret', Cookie: 'a=b', Host: 'other', 'X-One': '1' };
const kept = { authorization: 'secret', cookie: 'a=b', host: 'other', 'x-one': '1' };

/** What is sent to `to` by a chain that began at `from`. */
function carried(from: string, to: string, options: ClientOptions, keepsAll = false) {
  return new RedirectChain(parseAddress(from), options).carriedTo(parseAddress(to), keepsAll);
}

describe('RedirectChain', () => {
  it('sends first what was given', () => {
    const chain = new RedirectChain(parseAddress('ws://u:p@a'), { headers: secrets });
    expect(chain.first).toEqual({ headers: secrets, authorization: basic('u:p') });
  });

  it.each([
    ['the same host', 'ws://a/1', 'ws://a/2', kept],
    ['TLS on the same host', 'ws://a:1', 'wss://a:1', kept],
    ['the same Unix socket', 'ws+unix:/s:/1', 'ws+unix:/s:/2', kept],
    ['the same host without TLS', 'wss://a:1', 'ws://a:1', { host: 'other', 'x-one': '1' }],
    ['another host', 'ws://a', 'ws://b', { 'x-one': '1' }],
    ['a subdomain', 'ws://a', 'ws://b.a', { 'x-one': '1' }],
    ['another port', 'ws://a', 'ws://a:81', { 'x-one': '1' }],
    ['another Unix socket', 'ws+unix:/s:/1', 'ws+unix:/t:/1', { 'x-one': '1' }],
    ['a Unix socket', 'ws://a', 'ws+unix:/s:/1', { 'x-one': '1' }],
    ['a host from a Unix socket', 'ws+unix:/s:/1', 'ws://localhost', { 'x-one': '1' }],
  ])('to %s', (_, from, to, headers) => {
    expect(carried(from, to, { headers: secrets }).headers).toEqual(headers);
  });

  it('drops nothing when somebody looks at each redirect', () => {
    expect(carried('wss://a', 'ws://b', { headers: secrets, auth: 'u:p' }, true)).toEqual({
      headers: kept,
      authorization: basic('u:p'),
    });
  });

  it('drops the option and the userinfo of another host', () => {
    const dropped = { headers: {}, authorization: undefined };
    expect(carried('ws://a', 'ws://b', { auth: 'u:p' })).toEqual(dropped);
    expect(carried('ws://u:p@a', 'ws://b', {})).toEqual(dropped);
    expect(carried('ws://a', 'ws://u:p@b', {})).toEqual(dropped);
  });

  it('lets the first credentials win', () => {
    const { headers } = carried('ws://u:p@a/1', 'ws://v:q@a/2', {});
    expect(headers).toEqual({ authorization: basic('u:p') });
  });

  it('takes the userinfo of a later URL of the same host where there was none, and keeps it', () => {
    const chain = new RedirectChain(parseAddress('ws://a/1'), {});
    expect(chain.carriedTo(parseAddress('ws://u:p@a/2'), false)).toEqual({
      headers: {},
      authorization: basic('u:p'),
    });
    expect(chain.carriedTo(parseAddress('ws://a/3'), false).headers).toEqual({
      authorization: basic('u:p'),
    });
  });
});
