import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { upgradeResponse } from '../behaviour/raw-peer.ts';
import {
  connect,
  decided,
  failure,
  PATHS,
  type Script,
  serveScript,
  trace,
  upgrading,
} from './client-peers.ts';
import { difference } from './differences.ts';

const REFUSED_UPGRADE = (message: string) => ['upgrade', ...failure(message)];
const INVALID_EXTENSIONS = 'Invalid Sec-WebSocket-Extensions header';
const NOT_REQUESTED = 'Server indicated an extension that was not requested';

describe.each(PATHS)('the handshake of a client of $name', ({ engine, over, isHttp }) => {
  /** All that a client tells until 'close', whose server answers as `script` says. */
  async function told(script: Script, protocols?: unknown, options: object = {}): Promise<string[]> {
    const server = await serveScript(script);
    const ws = connect(engine, server.url, protocols, { ...over, ...options });
    ws.on('open', () => ws.terminate());
    return trace(ws);
  }
  const OPENED = ['upgrade', 'open', "close 1006 ''"];

  it('opens', async () => {
    expect(await told(upgrading())).toEqual(OPENED);
  });

  it.each([
    ['byte by byte', 1],
    ['in pieces of 7 bytes', 7],
  ])('opens when the response comes %s', async (_, size) => {
    const script: Script = (head, socket) => {
      const response = Buffer.from(upgradeResponse(head));
      for (let i = 0; i < response.length; i += size) socket.write(response.subarray(i, i + size));
      return undefined;
    };
    expect(await told(script)).toEqual(OPENED);
  });

  it.each([
    ['another reason phrase', (text: string) => text.replace('Switching Protocols', 'Yes, please')],
    ['an empty reason phrase', (text: string) => text.replace('Switching Protocols', '')],
    ['no reason phrase', (text: string) => text.replace(' Switching Protocols', '')],
    ['spaces around values', (text: string) => text.replace(/: (.*)\r/g, ': \t $1 \r')],
    ['names in upper case', (text: string) => text.replace(/^[A-Za-z-]+:/gm, (name) => name.toUpperCase())],
    ['Content-Length: 0', (text: string) => text.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n')],
    ['a long header', (text: string) => text.replace('\r\n\r\n', `\r\nA: ${'b'.repeat(10_000)}\r\n\r\n`)],
    ['100 Continue before it', (text: string) => `HTTP/1.1 100 Continue\r\n\r\n${text}`],
    ['103 Early Hints before it', (text: string) => `HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n${text}`],
  ])('opens with %s', async (_, change) => {
    expect(await told((head) => change(upgradeResponse(head)))).toEqual(OPENED);
  });

  describe('Upgrade', () => {
    it.each(['websocket', 'WebSocket', 'WEBSOCKET'])('may be %s', async (Upgrade) => {
      expect(await told(upgrading({ Upgrade }))).toEqual(OPENED);
    });

    it.each(['foo', 'websocket, foo', 'websocket/13', 'web socket'])('may not be %o', async (Upgrade) => {
      expect(await told(upgrading({ Upgrade }))).toEqual(REFUSED_UPGRADE('Invalid Upgrade header'));
    });
  });

  it.each([
    ['no Upgrade', /^Upgrade: .*\r\n/m, '', 'Upgrade'],
    ['an empty Upgrade', /^Upgrade: .*$/m, 'Upgrade:', 'Upgrade'],
    ['no Connection', /^Connection: .*\r\n/m, '', 'Connection'],
    ['another Connection', /^Connection: .*$/m, 'Connection: close', 'Connection'],
  ])(`with %s: ${difference('response-without-upgrade')}`, async (_, line, replacement, name) => {
    expect(await told((head) => upgradeResponse(head).replace(line, replacement))).toEqual(
      isHttp ? failure('Unexpected server response: 101') : REFUSED_UPGRADE(`Invalid ${name} header`),
    );
  });

  it.each(['upgrade', 'UPGRADE', 'keep-alive, Upgrade', 'Upgrade , foo'])(
    'opens with Connection: %s',
    async (Connection) => {
      expect(await told(upgrading({ Connection }))).toEqual(OPENED);
    },
  );

  describe('Sec-WebSocket-Accept', () => {
    const REFUSED = REFUSED_UPGRADE('Invalid Sec-WebSocket-Accept header');

    it.each([
      ['another', upgrading({ 'Sec-WebSocket-Accept': 'CxYS6+NgJSBG74mdgLvGscRvpns=' })],
      ['empty', upgrading({ 'Sec-WebSocket-Accept': '' })],
      ['missing', (head: string) => upgradeResponse(head).replace(/^Sec-WebSocket-Accept: .*\r\n/m, '')],
      [
        'in upper case',
        (head: string) => upgradeResponse(head).replace(/^Sec-WebSocket-Accept: .*$/m, upper),
      ],
      [
        'given twice',
        (head: string) => upgradeResponse(head).replace(/^Sec-WebSocket-Accept.*\r\n/m, '$&$&'),
      ],
    ])('may not be %s', async (_, script) => {
      expect(await told(script)).toEqual(REFUSED);
    });
  });

  describe('Sec-WebSocket-Protocol', () => {
    it.each([
      ['foo', ['foo'], 'foo'],
      ['bar', ['foo', 'bar'], 'bar'],
    ])('%s is the protocol', async (header, protocols, protocol) => {
      const server = await serveScript(upgrading({ 'Sec-WebSocket-Protocol': header }));
      const ws = connect(engine, server.url, protocols, over);
      const seen: string[] = [];
      ws.on('upgrade', () => seen.push(ws.protocol));
      expect(await decided(ws)).toBe('open');
      expect([...seen, ws.protocol]).toEqual(['', protocol]);
    });

    it.each([
      ['foo', [], 'Server sent a subprotocol but none was requested'],
      ['', [], 'Server sent a subprotocol but none was requested'],
      ['foo', undefined, 'Server sent a subprotocol but none was requested'],
      ['baz', ['foo', 'bar'], 'Server sent an invalid subprotocol'],
      ['', ['foo', 'bar'], 'Server sent an invalid subprotocol'],
      ['foo,bar', ['foo', 'bar'], 'Server sent an invalid subprotocol'],
      ['foo, bar', ['foo', 'bar'], 'Server sent an invalid subprotocol'],
      ['FOO', ['foo'], 'Server sent an invalid subprotocol'],
      [undefined, ['foo'], 'Server sent no subprotocol'],
      [undefined, ['foo', 'bar'], 'Server sent no subprotocol'],
    ])('may not be %o for %o', async (header, protocols, message) => {
      const script = upgrading(header === undefined ? {} : { 'Sec-WebSocket-Protocol': header });
      expect(await told(script, protocols)).toEqual(REFUSED_UPGRADE(message));
    });

    it('may not be given twice', async () => {
      const line = 'Sec-WebSocket-Protocol: foo\r\n';
      const script: Script = (head) => upgradeResponse(head).replace('\r\n\r\n', `\r\n${line}${line}\r\n`);
      expect(await told(script, 'foo')).toEqual(REFUSED_UPGRADE('Server sent an invalid subprotocol'));
    });
  });

  describe('Sec-WebSocket-Extensions', () => {
    const extended = (header: string) => upgrading({ 'Sec-WebSocket-Extensions': header });

    it.each([
      ['permessage-deflate', {}],
      ['permessage-deflate; server_no_context_takeover', {}],
      ['permessage-deflate; client_no_context_takeover', {}],
      ['permessage-deflate; server_max_window_bits=10', {}],
      ['permessage-deflate; client_max_window_bits=8', {}],
      ['permessage-deflate; client_max_window_bits="15"', {}],
      [' permessage-deflate ;client_max_window_bits=15', {}],
      ['permessage-deflate; client_max_window_bits=9', { clientMaxWindowBits: 9 }],
      ['permessage-deflate; client_max_window_bits=8', { clientMaxWindowBits: 9 }],
      ['permessage-deflate', { clientMaxWindowBits: 9 }],
      ['permessage-deflate', { clientNoContextTakeover: true }],
      ['permessage-deflate', { serverNoContextTakeover: true }],
      ['permessage-deflate', { serverMaxWindowBits: 9 }],
      ['permessage-deflate; server_max_window_bits=9', { serverMaxWindowBits: 9 }],
      ['permessage-deflate; server_no_context_takeover', { serverNoContextTakeover: true }],
    ])('may be %s with %o', async (header, perMessageDeflate) => {
      const server = await serveScript(extended(header));
      const ws = connect(engine, server.url, { ...over, perMessageDeflate });
      const seen: string[] = [];
      ws.on('upgrade', () => seen.push(ws.extensions));
      expect(await decided(ws)).toBe('open');
      expect([...seen, ws.extensions]).toEqual(['', 'permessage-deflate']);
    });

    it.each(['permessage-deflate', 'foo', ''])('may not be %o where none was requested', async (header) => {
      expect(await told(extended(header), [], { perMessageDeflate: false })).toEqual(
        REFUSED_UPGRADE('Server sent a Sec-WebSocket-Extensions header but no extension was requested'),
      );
    });

    it.each([
      ['foo;=', INVALID_EXTENSIONS],
      ['', INVALID_EXTENSIONS],
      [',', INVALID_EXTENSIONS],
      ['permessage-deflate;', INVALID_EXTENSIONS],
      ['permessage-deflate,', INVALID_EXTENSIONS],
      ['permessage-deflate; client_max_window_bits=7', INVALID_EXTENSIONS],
      ['permessage-deflate; client_max_window_bits=16', INVALID_EXTENSIONS],
      ['permessage-deflate; client_max_window_bits', INVALID_EXTENSIONS],
      ['permessage-deflate; client_max_window_bits=a', INVALID_EXTENSIONS],
      ['permessage-deflate; client_max_window_bits=9; client_max_window_bits=9', INVALID_EXTENSIONS],
      ['permessage-deflate; server_max_window_bits', INVALID_EXTENSIONS],
      ['permessage-deflate; server_max_window_bits=7', INVALID_EXTENSIONS],
      ['permessage-deflate; server_no_context_takeover=1', INVALID_EXTENSIONS],
      ['permessage-deflate; client_no_context_takeover=true', INVALID_EXTENSIONS],
      ['permessage-deflate; foo', INVALID_EXTENSIONS],
      ['foo', NOT_REQUESTED],
      ['permessage-deflate,foo', NOT_REQUESTED],
      ['foo, permessage-deflate', NOT_REQUESTED],
      ['PerMessage-Deflate', NOT_REQUESTED],
      ['permessage-deflate2; client_max_window_bits=7', NOT_REQUESTED],
    ])('may not be %o', async (header, message) => {
      expect(await told(extended(header))).toEqual(REFUSED_UPGRADE(message));
    });

    it.each([
      ['client_max_window_bits=10', { clientMaxWindowBits: 9 }],
      ['client_max_window_bits=10', { clientMaxWindowBits: false }],
      ['client_no_context_takeover', { clientNoContextTakeover: false }],
    ])('may not be %s for %o', async (parameter, perMessageDeflate) => {
      const script = extended(`permessage-deflate; ${parameter}`);
      expect(await told(script, [], { perMessageDeflate })).toEqual(REFUSED_UPGRADE(INVALID_EXTENSIONS));
    });

    it(difference('response-extension-twice'), async () => {
      expect(await told(extended('permessage-deflate, permessage-deflate'))).toEqual(
        engine.name === 'ws' ? OPENED : REFUSED_UPGRADE(INVALID_EXTENSIONS),
      );
    });

    it(difference('response-window-above-offer'), async () => {
      const script = extended('permessage-deflate; server_max_window_bits=10');
      expect(await told(script, [], { perMessageDeflate: { serverMaxWindowBits: 9 } })).toEqual(
        engine.name === 'ws' ? OPENED : REFUSED_UPGRADE(INVALID_EXTENSIONS),
      );
    });
  });

  it('looks at Upgrade, Accept, the subprotocol and the extensions in this order', async () => {
    const wrong = {
      Upgrade: 'foo',
      'Sec-WebSocket-Accept': 'foo',
      'Sec-WebSocket-Protocol': 'foo',
      'Sec-WebSocket-Extensions': 'foo',
    };
    const messages: string[] = [];
    for (const name of Object.keys(wrong) as (keyof typeof wrong)[]) {
      messages.push((await told(upgrading(wrong)))[1]!.replace('error Error: ', ''));
      delete (wrong as Partial<typeof wrong>)[name];
    }
    expect(messages).toEqual([
      'Invalid Upgrade header',
      'Invalid Sec-WebSocket-Accept header',
      'Server sent a subprotocol but none was requested',
      NOT_REQUESTED,
    ]);
  });

  it.each([
    ['is not used', upgrading({ Upgrade: 'foo' })],
    ['refuses', (_head: string) => 'HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\nfoo'],
  ])('destroys the socket when the response %s', async (_, script) => {
    let closed: Promise<unknown> | undefined;
    const answer: Script = (head, socket: Socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve));
      return script(head, socket);
    };
    await told(answer);
    await closed;
    expect(closed).toBeDefined();
  });

  it.each([200, 204, 301, 304, 400, 401, 403, 404, 426, 500, 503])(
    'fails for the status %i',
    async (status) => {
      const script = () => `HTTP/1.1 ${status} Foo\r\nContent-Length: 0\r\nLocation: /\r\n\r\n`;
      expect(await told(script)).toEqual(failure(`Unexpected server response: ${status}`));
    },
  );

  it('is in CLOSING in the error, and in CLOSED in the close', async () => {
    const server = await serveScript(() => 'HTTP/1.1 401 No\r\n\r\n');
    const ws = connect(engine, server.url, over);
    const states: number[] = [];
    ws.on('error', () => states.push(ws.readyState));
    await new Promise<void>((resolve) => {
      ws.on('close', (code, reason) => {
        states.push(ws.readyState);
        expect(code).toBe(1006);
        expect(reason).toEqual(Buffer.alloc(0));
        expect(Buffer.isBuffer(reason)).toBe(true);
        resolve();
      });
    });
    expect(states).toEqual([engine.WebSocket.CLOSING, engine.WebSocket.CLOSED]);
  });
});

function upper(text: string): string {
  return text.toUpperCase();
}
