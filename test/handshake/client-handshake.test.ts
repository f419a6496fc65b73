import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { acceptFor } from '../../src/handshake/accept-key.ts';
import {
  checkUpgradeResponse,
  HandshakeError,
  serializeUpgradeRequest,
  type UpgradeRequestOptions,
  upgradeRequestHeaders,
} from '../../src/handshake/client-handshake.ts';
import { type DeflateNegotiationOptions, offerDeflate } from '../../src/handshake/deflate-offer.ts';
import { type HeaderFields, RequestHeadParser, ResponseHeadParser } from '../../src/handshake/http-head.ts';
import { decideUpgrade } from '../../src/handshake/server-handshake.ts';
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
  token,
} from './wire.ts';
import { MemorySocket } from './ws-oracle.ts';

const SAMPLE: UpgradeRequestOptions = {
  target: '/chat',
  host: 'server.example.com',
  key: SAMPLE_KEY,
  version: 13,
  subprotocols: [],
  extensions: undefined,
};

interface WsClientOptions {
  readonly protocolVersion?: 8 | 13;
  readonly origin?: string;
  readonly auth?: string;
  readonly perMessageDeflate?: boolean | object;
  readonly headers?: Record<string, string | number | string[]>;
}

/** Opens a client of `ws` on a socket of memory, which answers by `respond`. */
function wsClient(
  subprotocols: string[],
  options: WsClientOptions,
  respond: (head: string, socket: MemorySocket) => void,
): WebSocket {
  let head = '';
  const socket = new MemorySocket((text) => {
    if (head.endsWith('\r\n\r\n')) return;
    head += text;
    if (head.endsWith('\r\n\r\n')) respond(head, socket);
  });
  return new WebSocket('ws://server.example.com/chat', subprotocols, {
    ...options,
    createConnection: () => socket as never,
  });
}

/** The head of the request that a client of `ws` sends. */
async function requestOfWs(subprotocols: string[], options: WsClientOptions): Promise<string> {
  return new Promise((resolve) => {
    const client = wsClient(subprotocols, options, (head) => {
      resolve(head);
      client.terminate();
    });
    client.on('error', () => {});
  });
}

/** What a client of `ws` makes of a response: the subprotocol, or the words of its error. */
async function verdictOfWs(subprotocols: string[], perMessageDeflate: boolean | object, headers: string[]) {
  const client = wsClient(subprotocols, { perMessageDeflate }, (head, socket) => {
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(head)![1]!;
    const lines = headers.map((text) => (text === SAMPLE_ACCEPT ? acceptFor(key, sha1Base64) : text));
    socket.push(headText('HTTP/1.1 101 Switching Protocols', lines), 'latin1');
  });
  const failed = once(client, 'error').then(([error]) => ({ error: (error as Error).message }));
  const opened = new Promise<{ subprotocol: string; extensions: string }>((resolve) => {
    client.on('open', () => resolve({ subprotocol: client.protocol, extensions: client.extensions }));
  });
  const verdict = await Promise.race([failed, opened]);
  failed.catch(() => {});
  client.terminate();
  return verdict;
}

/** What we make of it. */
function verdict(subprotocols: string[], deflate: DeflateNegotiationOptions | undefined, headers: string[]) {
  const parser = new ResponseHeadParser();
  feed(parser, [latin1Bytes(headText('HTTP/1.1 101 Switching Protocols', headers))]);
  try {
    const expected = { key: SAMPLE_KEY, subprotocols, deflate };
    const checked = checkUpgradeResponse(parser.head!, expected, sha1Base64);
    return {
      subprotocol: checked.subprotocol,
      extensions: checked.deflate === undefined ? '' : 'permessage-deflate',
    };
  } catch (error) {
    expect(error).toBeInstanceOf(HandshakeError);
    return { error: (error as Error).message };
  }
}

describe('upgradeRequestHeaders', () => {
  it('has the names and the order of ws', () => {
    expect(
      upgradeRequestHeaders({
        ...SAMPLE,
        subprotocols: ['chat', 'superchat'],
        extensions: 'permessage-deflate',
        origin: 'http://example.com',
        authorization: 'Basic eDp5',
      }),
    ).toEqual([
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', SAMPLE_KEY],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate'],
      ['Sec-WebSocket-Protocol', 'chat,superchat'],
      ['Origin', 'http://example.com'],
      ['Host', 'server.example.com'],
      ['Authorization', 'Basic eDp5'],
    ]);
  });

  it('leaves out what there is nothing to say of', () => {
    const headers = upgradeRequestHeaders({ ...SAMPLE, origin: '', headers: { 'X-Test': undefined } });
    expect(headers.map(([name]) => name)).toEqual([
      ...['Sec-WebSocket-Version', 'Sec-WebSocket-Key', 'Connection', 'Upgrade', 'Host'],
    ]);
  });

  it('lets no header of the caller break the handshake', () => {
    const headers = { connection: 'close', 'SEC-WEBSOCKET-KEY': 'x', host: 'other', Authorization: 'mine' };
    expect(upgradeRequestHeaders({ ...SAMPLE, headers, authorization: 'Basic eDp5' })).toEqual([
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', SAMPLE_KEY],
      ['host', 'other'],
      ['Authorization', 'mine'],
      ['Sec-WebSocket-Version', '13'],
      ['Upgrade', 'websocket'],
    ]);
  });
});

describe('serializeUpgradeRequest', () => {
  it.each<[string, string[], WsClientOptions, Partial<UpgradeRequestOptions>]>([
    ['nothing', [], {}, {}],
    ['without extensions', [], { perMessageDeflate: false }, { extensions: undefined }],
    ['subprotocols', ['a', 'b'], {}, {}],
    ['version 8', [], { protocolVersion: 8, origin: 'o' }, { version: 8, origin: 'o' }],
    [
      'origin and authentication',
      [],
      { origin: 'o', auth: 'x:y' },
      { origin: 'o', authorization: 'Basic eDp5' },
    ],
    ['lists', [], { headers: { 'X-A': ['1', '2'], 'X-B': 3, Cookie: ['a=1', 'b=2'], cookie2: ['c'] } }, {}],
    [
      'headers of the handshake',
      ['a'],
      {
        headers: {
          upgrade: 'x',
          Host: 'h',
          Origin: 'u',
          'sec-websocket-protocol': 'b',
          'Sec-WebSocket-Version': 7,
        },
        origin: 'o',
      },
      { origin: 'o' },
    ],
    [
      'an Authorization of its own',
      [],
      { headers: { authorization: 'mine' }, auth: 'x:y' },
      { authorization: 'Basic eDp5' },
    ],
  ])('writes what ws writes: %s', async (_what, subprotocols, wsOptions, ours) => {
    const theirs = await requestOfWs(subprotocols, wsOptions);
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(theirs)![1]!;
    const headers = wsOptions.headers ?? {};
    const extensions = offerDeflate({});
    expect(serializeUpgradeRequest({ ...SAMPLE, key, subprotocols, extensions, headers, ...ours })).toBe(
      theirs,
    );
  });

  it('reads back, and a server accepts it', () => {
    const text = fc.string({ unit: fc.constantFrom(...LATIN1.slice(0x21, 0x7f)), minLength: 1 });
    const options = fc.record({
      target: text.map((path) => `/${path}`),
      host: text,
      origin: text,
      version: fc.constantFrom(8 as const, 13 as const),
      subprotocols: fc.uniqueArray(token),
      headers: fc.dictionary(
        token.map((name) => `X-${name}`),
        fc.oneof(text, fc.nat(), fc.array(text)),
      ),
    });
    fc.assert(
      fc.property(options, (given) => {
        const bytes = latin1Bytes(serializeUpgradeRequest({ ...SAMPLE, ...given }));
        for (const chunks of threeWays(bytes)) {
          const parser = new RequestHeadParser();
          expect(feed(parser, chunks)).toBe(bytes.length);
          expect(parser.head).toMatchObject({ method: 'GET', target: given.target });
          expect(parser.head?.headers.host).toBe(given.host);
          expect(decideUpgrade(parser.head!, undefined).upgrade).toMatchObject({
            key: SAMPLE_KEY,
            version: given.version,
            subprotocols: new Set(given.subprotocols),
          });
        }
      }),
    );
  });

  const INJECTIONS = ['a\r\nX: b', 'a\n', 'a\rb', '\0', '\x7f', '€', '\u010a'];

  it.each(INJECTIONS)('never sends %j as a value', (value) => {
    const places: Array<Partial<UpgradeRequestOptions>> = [
      { host: value },
      { key: value },
      { subprotocols: [value] },
      { extensions: value },
      { origin: value },
      { origin: value, version: 8 },
      { authorization: value },
      { headers: { 'X-Test': value } },
      { headers: { 'X-Test': ['a', value] } },
      { headers: { Cookie: ['a', value] } },
    ];
    for (const place of places) {
      expect(() => serializeUpgradeRequest({ ...SAMPLE, ...place })).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_CHAR' }),
      );
    }
  });

  it.each(['a b', '', 'a\r\nb', 'a:'])('never sends %j as a name', (name) => {
    expect(() => serializeUpgradeRequest({ ...SAMPLE, headers: { [name]: 'a' } })).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_HTTP_TOKEN' }),
    );
  });

  it.each([...INJECTIONS, '', '/ HTTP/1.1', '/\t', '/é'])('never sends %j as a target', (target) => {
    expect(() => serializeUpgradeRequest({ ...SAMPLE, target })).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_UNESCAPED_CHARACTERS',
        message: 'Request path contains unescaped characters',
      }),
    );
  });
});

/** Headers of a response, in turn with their values. */
const RIGHT = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', SAMPLE_ACCEPT];

describe('checkUpgradeResponse', () => {
  it('takes the response of RFC 6455 §1.2', () => {
    const text = headText('HTTP/1.1 101 Switching Protocols', [...RIGHT, 'Sec-WebSocket-Protocol', 'chat']);
    const expected = { key: SAMPLE_KEY, subprotocols: ['chat', 'superchat'], deflate: {} };
    for (const chunks of threeWays(latin1Bytes(text))) {
      const parser = new ResponseHeadParser();
      feed(parser, chunks);
      expect(checkUpgradeResponse(parser.head!, expected, sha1Base64)).toEqual({
        subprotocol: 'chat',
        deflate: undefined,
      });
    }
  });

  it('takes what was agreed on permessage-deflate', () => {
    const headers: HeaderFields = {
      upgrade: 'WebSocket',
      connection: 'x, upgrade',
      'sec-websocket-accept': SAMPLE_ACCEPT,
      'sec-websocket-extensions': 'permessage-deflate; server_max_window_bits=9',
    };
    const expected = { key: SAMPLE_KEY, subprotocols: [], deflate: { clientMaxWindowBits: 10 } };
    expect(checkUpgradeResponse({ headers }, expected, sha1Base64)).toEqual({
      subprotocol: '',
      deflate: {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: 10,
      },
    });
  });

  it('keeps the reason that extensions are invalid', () => {
    const headers: HeaderFields = {
      upgrade: 'websocket',
      connection: 'upgrade',
      'sec-websocket-accept': SAMPLE_ACCEPT,
      'sec-websocket-extensions': 'permessage-deflate; foo',
    };
    const expected = { key: SAMPLE_KEY, subprotocols: [], deflate: {} };
    expect(() => checkUpgradeResponse({ headers }, expected, sha1Base64)).toThrow(
      expect.objectContaining({ cause: new Error('Unknown parameter "foo"') }),
    );
  });

  const extensions = (value: string) => [...RIGHT, 'Sec-WebSocket-Extensions', value];
  const subprotocol = (value: string) => [...RIGHT, 'Sec-WebSocket-Protocol', value];
  const replaced = (value: string, other: string) => RIGHT.map((text) => (text === value ? other : text));
  const NOT_REQUESTED = 'Server indicated an extension that was not requested';
  const INVALID = 'Invalid Sec-WebSocket-Extensions header';

  it.each<[string, string[], boolean, string[], string]>([
    ['another Upgrade', [], true, replaced('websocket', 'h2c'), 'Invalid Upgrade header'],
    [
      'a wrong accept',
      [],
      true,
      replaced(SAMPLE_ACCEPT, 'CxYS6+NgJSBG74mdgLvGscRvpns='),
      'Invalid Sec-WebSocket-Accept header',
    ],
    ['no accept', [], true, RIGHT.slice(0, 4), 'Invalid Sec-WebSocket-Accept header'],
    ['two accepts', [], true, [...RIGHT, ...RIGHT.slice(4)], 'Invalid Sec-WebSocket-Accept header'],
    ['a subprotocol', [], true, subprotocol('a'), 'Server sent a subprotocol but none was requested'],
    ['an empty subprotocol', [], true, subprotocol(''), 'Server sent a subprotocol but none was requested'],
    ['another subprotocol', ['a'], true, subprotocol('b'), 'Server sent an invalid subprotocol'],
    ['an empty one for one', ['a'], true, subprotocol(''), 'Server sent an invalid subprotocol'],
    ['two subprotocols', ['a', 'b'], true, subprotocol('a, b'), 'Server sent an invalid subprotocol'],
    ['the case changed', ['a'], true, subprotocol('A'), 'Server sent an invalid subprotocol'],
    ['no subprotocol', ['a'], true, RIGHT, 'Server sent no subprotocol'],
    ['__proto__', ['a'], true, subprotocol('__proto__'), 'Server sent an invalid subprotocol'],
    [
      'an extension for none',
      [],
      false,
      extensions('permessage-deflate'),
      'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
    ],
    ['bad extensions', [], true, extensions('foo;='), INVALID],
    ['empty extensions', [], true, extensions(''), INVALID],
    ['another extension', [], true, extensions('foo'), NOT_REQUESTED],
    ['another extension too', [], true, extensions('permessage-deflate,foo'), NOT_REQUESTED],
    ['one that is called __proto__', [], true, extensions('__proto__'), NOT_REQUESTED],
    ['a bad parameter', [], true, extensions('permessage-deflate; client_max_window_bits=7'), INVALID],
    [
      'a parameter without value',
      [],
      true,
      extensions('permessage-deflate; client_max_window_bits'),
      INVALID,
    ],
    ['subprotocol before extension', ['a'], true, extensions('foo;='), 'Server sent no subprotocol'],
  ])('says of %s what ws says', async (_what, subprotocols, deflate, headers, error) => {
    expect(verdict(subprotocols, deflate ? {} : undefined, headers)).toEqual({ error });
    expect(await verdictOfWs(subprotocols, deflate, headers)).toEqual({ error });
  });

  it.each<[string, string[], boolean, string[]]>([
    ['the least', [], false, RIGHT],
    ['a subprotocol', ['a', 'b'], true, subprotocol('b')],
    ['permessage-deflate', [], true, extensions('permessage-deflate; client_max_window_bits=8')],
    ['no extension after all', [], true, RIGHT],
  ])('takes %s as ws does', async (_what, subprotocols, deflate, headers) => {
    const theirs = await verdictOfWs(subprotocols, deflate, headers);
    expect(theirs).not.toHaveProperty('error');
    expect(verdict(subprotocols, deflate ? {} : undefined, headers)).toEqual(theirs);
  });

  it.each<[string, string[], string]>([
    ['no Upgrade', RIGHT.slice(2), 'Invalid Upgrade header'],
    ['no Connection', ['Upgrade', 'websocket', ...RIGHT.slice(4)], 'Invalid Connection header'],
    ['Connection: close', replaced('Upgrade', 'close').with(0, 'Upgrade'), 'Invalid Connection header'],
    ['permessage-deflate twice', extensions('permessage-deflate, permessage-deflate'), INVALID],
  ])('refuses %s (RFC 6455 §4.1, RFC 7692 §5.1)', (_what, headers, error) => {
    expect(verdict([], {}, headers)).toEqual({ error });
  });

  it('throws nothing but HandshakeError over any byte in any header', () => {
    const names = ['Upgrade', 'Connection', 'Sec-WebSocket-Accept'];
    for (const name of [...names, 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions']) {
      for (const character of LATIN1) {
        const headers = [...RIGHT, name, `a${character}`];
        const bytes = latin1Bytes(headText('HTTP/1.1 101 Switching Protocols', headers));
        if (faultOf(new ResponseHeadParser(), [bytes]) !== undefined) continue;
        const tolerated = name === 'Connection';
        expect('error' in verdict(['b'], {}, headers)).toBe(true);
        expect('error' in verdict([], {}, headers)).toBe(!tolerated);
      }
    }
  });
});
