import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type TokenPlaces, tokenOf } from '../../src/hub/request-token.ts';

const EVERYWHERE: TokenPlaces = { bearer: true, subprotocol: 'bearer.', cookie: 'sid', query: 'token' };

function found(places: TokenPlaces, headers: IncomingMessage['headers'], url = '/'): string | undefined {
  return tokenOf({ headers, url } as IncomingMessage, places);
}

describe('the token of a request', () => {
  it.each([
    ['the Authorization header', { authorization: 'Bearer abc.def' }, '/'],
    ['the header in small letters', { authorization: 'bearer  abc.def' }, '/'],
    ['a subprotocol', { 'sec-websocket-protocol': 'hawser.hub.v1, bearer.abc.def' }, '/'],
    ['a cookie', { cookie: 'other=1; sid=abc.def' }, '/'],
    ['a cookie in quotes', { cookie: 'sid="abc.def"' }, '/'],
    ['the query', {}, '/chat?a=1&token=abc.def'],
  ])('is found in %s', (_where, headers, url) => {
    expect(found(EVERYWHERE, headers, url)).toBe('abc.def');
  });

  it('is that of the first place that has one', () => {
    const headers = { cookie: 'sid=cookie', 'sec-websocket-protocol': 'bearer.protocol' };
    expect(found(EVERYWHERE, headers, '/?token=query')).toBe('protocol');
  });

  it('is looked for only where it may stand', () => {
    const headers = {
      authorization: 'Bearer a',
      cookie: 'sid=b',
      'sec-websocket-protocol': 'bearer.c',
    };
    expect(found({}, headers, '/?token=d')).toBeUndefined();
    expect(found({ query: 'token' }, headers, '/?token=d')).toBe('d');
  });

  it.each([
    ['another scheme', { authorization: 'Basic abc' }, '/'],
    [
      'an empty one',
      { authorization: 'Bearer ', cookie: 'sid=', 'sec-websocket-protocol': 'bearer.' },
      '/?token=',
    ],
    ['a name that ends like it', { cookie: 'xsid=1' }, '/?xtoken=1'],
    ['the path', {}, '/token=1&token=2'],
    ['nothing', {}, '/'],
  ])('is not found in %s', (_where, headers, url) => {
    expect(found(EVERYWHERE, headers, url)).toBeUndefined();
  });
});
