import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { headerText, joinHeaderFields } from '../../src/handshake/header-fields.ts';
import { headText } from './wire.ts';

/** The request that node:http reads from `text`. */
async function readByNode(text: string): Promise<IncomingMessage> {
  const server = createServer((_request, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(text, 'latin1');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  client.destroy();
  server.close();
  await once(server, 'close');
  return request;
}

const NAMES = [
  ...['Age', 'Authorization', 'Content-Type', 'ETag', 'Expires', 'From', 'Host', 'If-Modified-Since'],
  ...['If-Unmodified-Since', 'Last-Modified', 'Location', 'Max-Forwards', 'Proxy-Authorization', 'Referer'],
  ...[
    'Retry-After',
    'Server',
    'User-Agent',
    'Cookie',
    'Set-Cookie',
    'Accept',
    'Connection',
    'Origin',
    'Date',
  ],
  ...['Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions'],
  ...['X-Forwarded-For', 'Via', 'Cache-Control', 'constructor'],
];

describe('joinHeaderFields', () => {
  it('joins and drops repeated headers as node:http does', async () => {
    const lines = ['one', 'two', ''].flatMap((value) => NAMES.flatMap((name) => [name, value]));
    const request = await readByNode(headText('GET / HTTP/1.1', lines));
    expect(request.rawHeaders).toEqual(lines);
    expect({ ...joinHeaderFields(request.rawHeaders) }).toEqual({ ...request.headers });
  });

  it('keeps the first Content-Length', () => {
    expect(joinHeaderFields(['Content-Length', '1', 'content-length', '2'])['content-length']).toBe('1');
  });

  it('holds any name without touching a prototype', () => {
    const headers = joinHeaderFields(['__proto__', 'a', 'constructor', 'b', '__PROTO__', 'c']);
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a, c'],
      ['constructor', 'b'],
    ]);
  });
});

describe('headerText', () => {
  it('makes one text of whatever a request has for a header', () => {
    const madeUp = { version: 13 } as unknown as Record<string, string>;
    expect(headerText(madeUp, 'version')).toBe('13');
    expect(headerText({ list: ['a', 'b'] }, 'list')).toBe('a,b');
    expect(headerText({ text: 'a' }, 'text')).toBe('a');
  });

  it('tells an empty header from none', () => {
    expect(headerText({ text: '' }, 'text')).toBe('');
    expect(headerText({}, 'text')).toBeUndefined();
  });
});
