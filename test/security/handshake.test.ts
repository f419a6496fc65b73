import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatExtensionHeader, parseExtensionHeader } from '../../src/handshake/header-grammar.ts';
import { parseSubprotocolHeader } from '../../src/handshake/subprotocol.ts';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { expectEcho, openClient, startTestServer } from '../behaviour/engine.ts';
import { closeCodes } from '../behaviour/raw-frames.ts';
import {
  connectRaw,
  type RawPeer,
  serveRaw,
  upgradeRequest,
  upgradeResponse,
} from '../behaviour/raw-peer.ts';
import { attack, ended, watchUncaught } from './attack.ts';

/** Starts a server that reads requests itself, or one that has them from node:http. */
async function startEchoServer(reads: 'itself' | 'by node:http', options: object = {}) {
  const echo = (ws: WebSocket): void => void ws.on('message', (data) => ws.send(String(data)));
  if (reads === 'itself') {
    const { wss, port, url } = await startTestServer(options);
    wss.on('connection', echo);
    return { port, url };
  }
  const server = createServer();
  const wss = new WebSocketServer({ ...options, server }).on('connection', echo);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `ws://127.0.0.1:${port}/` };
}

const READERS = ['itself', 'by node:http'] as const;

/** Sends a request, and returns the answer's head; '' where the server only closed. */
async function answerTo(port: number, request: string): Promise<string> {
  const peer = await connectRaw(port);
  peer.socket.write(request, 'latin1');
  const head = await peer.takeHead().catch(() => '');
  peer.socket.destroy();
  return head;
}

/** Has a client connect to a server whose response is `respond`'s; returns how that ended. */
async function outcomeOf(respond: (head: string) => string, options: object = {}): Promise<unknown[]> {
  const server = await serveRaw((peer: RawPeer, head) => peer.socket.write(respond(head), 'latin1'));
  const ws = new WebSocket(server.url, options);
  const end = ended(ws);
  ws.on('open', () => ws.terminate());
  const events = await end;
  await server.close();
  return events;
}

describe('versions of the protocol', () => {
  const DRAFT_76 = [
    'GET / HTTP/1.1',
    'Upgrade: WebSocket',
    'Connection: Upgrade',
    'Host: localhost',
    'Origin: http://localhost',
    'Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5',
    'Sec-WebSocket-Key2: 12998 5 Y3 1  .P00',
    '',
    '^n:ds[4U',
  ].join('\r\n');
  const VERSIONS = ['', '0', '7', '9', '12', '14', '255', '013', '13.0', '13, 8', '13, 13', '0x0d', '+13'];

  it.each(READERS)(
    'row 9: drafts and other versions are refused with the list of ours, read %s',
    async (reads) => {
      const { port, url } = await startEchoServer(reads);
      expect(await answerTo(port, DRAFT_76)).toMatch(/^HTTP\/1\.1 400 /);
      for (const version of VERSIONS) {
        const head = await answerTo(port, upgradeRequest({ 'Sec-WebSocket-Version': version }));
        expect([version, head.slice(0, 12)]).toEqual([version, 'HTTP/1.1 400']);
        expect(head).toMatch(/^Sec-WebSocket-Version: 13, 8\r$/m);
      }
      await expectEcho(await openClient(url), 'still here');
    },
  );

  it('row 9: a client takes no answer of a draft', async () => {
    const draft =
      'HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n';
    const rest = 'Sec-WebSocket-Origin: http://localhost\r\nSec-WebSocket-Location: ws://localhost/\r\n\r\n';
    const events = await outcomeOf(() => `${draft}${rest}8jKS'y:G*Co,Wxa-`);
    expect(events).toEqual(['Invalid Sec-WebSocket-Accept header', 1006]);
  });

  it.each(['server', 'client'] as const)('row 9: a %s takes no frame of a draft', async (role) => {
    // Text of draft 75, and a length of 7 bits a byte that has no end.
    for (const bytes of [Buffer.from('\0hello\xff', 'latin1'), Buffer.alloc(100, 0x80)]) {
      const { socket, peer } = await attack(role);
      const end = ended(socket);
      peer.socket.write(bytes);
      await peer.until((received) => closeCodes(received).length > 0);
      peer.socket.end();
      expect(closeCodes(peer.received)).toEqual([1002]);
      await end;
    }
  });
});

/** Counts how often characters of a text are looked at: regular expressions could not, and would throw. */
function counted(text: string): { text: string; looks: () => number } {
  let looks = 0;
  const proxy = new Proxy(Object(text), {
    get(_target, name) {
      if (name !== 'length') looks++;
      const value = Reflect.get(Object(text), name);
      return typeof value === 'function' ? value.bind(text) : value;
    },
  });
  return { text: proxy as string, looks: () => looks };
}

const LENGTH = 16_000;
const HOSTILE: [name: string, text: string][] = [
  ['spaces', ' '.repeat(LENGTH)],
  ['spaces behind a name', `a${' '.repeat(LENGTH)}`],
  ['spaces and a bad end', `a${' '.repeat(LENGTH)}\x01`],
  ['tabs between names', `a${'\t'.repeat(LENGTH)}, b`],
  ['commas', ','.repeat(LENGTH)],
  ['names', 'a,'.repeat(LENGTH / 2)],
  ['distinct names', Array.from({ length: 3000 }, (_, i) => i.toString(36)).join(', ')],
  ['parameters', `a${';b'.repeat(LENGTH / 2)}`],
  ['values', `a${';b=c'.repeat(LENGTH / 4)}`],
  ['escapes', `a; b="${'\\c'.repeat(LENGTH / 2)}`],
  ['escapes with an end', `a; b="${'\\c'.repeat(LENGTH / 2)}"`],
  ['quotes', `a; b=${'"'.repeat(LENGTH)}`],
  ['a long name', 'a'.repeat(LENGTH)],
];

describe('lists in headers', () => {
  it.each(HOSTILE)('row 11: each character is looked at a few times only: %s', (_name, hostile) => {
    for (const parse of [parseExtensionHeader, parseSubprotocolHeader]) {
      const { text, looks } = counted(hostile);
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
      expect(looks()).toBeLessThan(6 * LENGTH);
    }
  });

  it('row 11: a server answers all of them, and goes on', async () => {
    const { port, url } = await startEchoServer('itself', { perMessageDeflate: true });
    for (const [name, text] of HOSTILE) {
      for (const header of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol', 'Connection']) {
        const head = await answerTo(port, upgradeRequest({ [header]: text.slice(0, 15_000) }));
        expect([name, header, head]).toEqual([
          name,
          header,
          expect.stringMatching(/^HTTP\/1\.1 (101|4\d\d) /),
        ]);
      }
    }
    await expectEcho(await openClient(url), 'still here');
  });

  const SPECIAL = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  it('row 12: names of what objects inherit are names like others, to a server', async () => {
    const { port, url } = await startEchoServer('itself', { perMessageDeflate: true });
    for (const name of SPECIAL) {
      const extensions = `${name}, ${name}; ${name}=1, permessage-deflate`;
      const lines = { 'Sec-WebSocket-Extensions': extensions, 'Sec-WebSocket-Protocol': name, [name]: 'x' };
      const head = await answerTo(port, upgradeRequest(Object.fromEntries(Object.entries(lines))));
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
      expect(head).toMatch(/^Sec-WebSocket-Extensions: permessage-deflate\r$/m);
      const parameter = { 'Sec-WebSocket-Extensions': `permessage-deflate; ${name}` };
      expect(await answerTo(port, upgradeRequest(parameter))).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    await expectEcho(await openClient(url), 'still here');
  });

  it('row 12: names of what objects inherit are names like others, to a client', async () => {
    for (const name of SPECIAL) {
      const extension = await outcomeOf((head) =>
        upgradeResponse(head, { 'Sec-WebSocket-Extensions': name }),
      );
      expect(extension).toEqual(['Server indicated an extension that was not requested', 1006]);
      const protocol = await outcomeOf((head) => upgradeResponse(head, { 'Sec-WebSocket-Protocol': name }));
      expect(protocol).toEqual(['Server sent a subprotocol but none was requested', 1006]);
    }
  });

  it('row 12: what stands in quotes is no offer', async () => {
    const { port } = await startEchoServer('itself', { perMessageDeflate: true });
    for (const extensions of [
      'x; y=", permessage-deflate"',
      'x; y="\\", permessage-deflate',
      'x; y=", permessage-deflate; z="',
    ]) {
      const head = await answerTo(port, upgradeRequest({ 'Sec-WebSocket-Extensions': extensions }));
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(() => parseExtensionHeader(extensions)).toThrow(SyntaxError);
    }
  });

  it('row 12: what is written is read as the same', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
    const parameter = fc.record({ name: token, value: fc.oneof(token, fc.constant(true as const)) });
    const offer = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(offer, { minLength: 1, maxLength: 4 }), (offers) => {
        expect(parseExtensionHeader(formatExtensionHeader(offers))).toEqual(offers);
      }),
    );
  });
});

describe('headers of the handshake', () => {
  const NAMES = ['Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'];

  it.each(READERS)(
    'row 13: a header that is missing, or there twice, is answered 400; read %s',
    async (reads) => {
      const uncaught = watchUncaught();
      const { port, url } = await startEchoServer(reads);
      for (const name of NAMES.slice(2)) {
        expect(await answerTo(port, upgradeRequest({ [name]: undefined }))).toMatch(/^HTTP\/1\.1 400 /);
      }
      for (const name of NAMES) {
        const [line] = new RegExp(`^${name}: .*\r\n`, 'm').exec(upgradeRequest())!;
        const twice = upgradeRequest().replace(line, line + line);
        const status = name === 'Connection' ? 101 : 400;
        expect([name, (await answerTo(port, twice)).slice(9, 12)]).toEqual([name, String(status)]);
      }
      await expectEcho(await openClient(url), 'still here');
      expect(uncaught).toEqual([]);
    },
  );

  it.each(READERS)('row 13: two thousand headers before those that count; read %s', async (reads) => {
    const uncaught = watchUncaught();
    const { port, url } = await startEchoServer(reads);
    for (const count of [1990, 2000, 2500]) {
      const filler = 'a:\r\n'.repeat(count);
      for (const name of NAMES) {
        const [line] = new RegExp(`^${name}: .*\r\n`, 'm').exec(upgradeRequest())!;
        const request = upgradeRequest()
          .replace(line, '')
          .replace(/\r\n\r\n$/, `\r\n${filler}${line}\r\n`);
        // node:http looks for Upgrade and Connection in all of them, and hands over 2,000.
        expect(await answerTo(port, request)).toMatch(/^HTTP\/1\.1 (101|400|426|431) |^$/);
      }
    }
    await expectEcho(await openClient(url), 'still here');
    expect(uncaught).toEqual([]);
  });

  it.each([{}, { agent: false }])(
    'row 13: a client, with %o, refuses the same of a server',
    async (options) => {
      const responseNames = ['Upgrade', 'Connection', 'Sec-WebSocket-Accept'];
      for (const name of responseNames) {
        const line = new RegExp(`^${name}: .*\r\n`, 'm');
        const without = await outcomeOf((head) => upgradeResponse(head).replace(line, ''), options);
        expect(without.at(-1)).toBe(1006);
        expect(without).toHaveLength(2);
        const many = (head: string) => upgradeResponse(head).replace(line, `${'a:\r\n'.repeat(2500)}$&`);
        expect(await outcomeOf(many, options)).toHaveLength(2);
      }
      const accept = (head: string) =>
        upgradeResponse(head).replace(/^Sec-WebSocket-Accept: .*\r\n/m, '$&$&');
      expect(await outcomeOf(accept, options)).toEqual(['Invalid Sec-WebSocket-Accept header', 1006]);
    },
  );

  const BYTES = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

  it('row 14: any byte in any header of a request is answered, and does no harm', async () => {
    const uncaught = watchUncaught();
    const { port, url } = await startEchoServer('itself', { perMessageDeflate: true });
    const headers = [...NAMES, 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Origin', 'Host'];
    for (const header of headers) {
      const [, value = 'chat'] = new RegExp(`^${header}: (.*)\r$`, 'm').exec(upgradeRequest()) ?? [];
      const answers = await Promise.all(
        BYTES.map((byte) => answerTo(port, upgradeRequest({ [header]: `${value}${byte}` }))),
      );
      answers.forEach((head, code) => {
        expect([header, code, head]).toEqual([
          header,
          code,
          expect.stringMatching(/^HTTP\/1\.1 (101|4\d\d) /),
        ]);
        if (header === 'Sec-WebSocket-Protocol' && code > 126) expect(head).toMatch(/^HTTP\/1\.1 400 /);
      });
    }
    await expectEcho(await openClient(url), 'still here');
    expect(uncaught).toEqual([]);
  });

  it('row 14: any byte in any header of a response fails the client, or does not; it lives', async () => {
    const uncaught = watchUncaught();
    let respond = (head: string): string => head;
    const server = await serveRaw((peer, head) => peer.socket.write(respond(head), 'latin1'));
    onTestFinished(() => server.close());
    const outcome = async (header: string, byte: string): Promise<unknown[]> => {
      respond = (head) =>
        upgradeResponse(head, { 'Sec-WebSocket-Protocol': 'chat' }).replace(
          new RegExp(`^(${header}: .*)\r\n`, 'm'),
          (_, line) => `${line}${byte}\r\n`,
        );
      const ws = new WebSocket(server.url, 'chat');
      const end = ended(ws);
      const subprotocol = new Promise((resolve) =>
        ws.on('open', () => resolve(ws.protocol)).on('error', resolve),
      );
      expect(['chat', expect.any(Error)]).toContainEqual(await subprotocol);
      ws.terminate();
      return end;
    };
    for (const header of ['Upgrade', 'Connection', 'Sec-WebSocket-Accept', 'Sec-WebSocket-Protocol']) {
      for (const [code, byte] of BYTES.entries()) {
        const events = await outcome(header, byte);
        const passes = byte === ' ' || byte === '\t' || (header === 'Connection' && byte === ',');
        expect([header, code, events.length, events.at(-1)]).toEqual([header, code, passes ? 1 : 2, 1006]);
      }
    }
    expect(uncaught).toEqual([]);
  });
});
