import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ServerOptions, WebSocketClass } from '../../src/api/options.ts';
import { PendingUpgrades, UNAVAILABLE } from '../../src/api/pending-upgrades.ts';
import { type OpeningHost, ServerOpening } from '../../src/api/server-opening.ts';
import type { WebSocket } from '../../src/api/websocket.ts';
import { UpgradeCarrier } from '../../src/node/upgrade-carrier.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';

const REQUEST = {
  method: 'GET',
  httpVersion: '1.1',
  url: '/',
  headers: {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'one, two',
  },
};

/** A host that notes what it is told, and one request that comes to it. */
function attempt(given: Partial<OpeningHost<WebSocketClass, typeof IncomingMessage>> = {}) {
  const log: string[] = [];
  let text = '';
  const socket = new MemorySocket((written) => {
    text += written;
  });
  const request = { ...REQUEST, socket } as unknown as IncomingMessage;
  const host: OpeningHost<WebSocketClass, typeof IncomingMessage> = {
    options: {} as ServerOptions,
    pending: new PendingUpgrades(),
    refusal: undefined,
    unavailable: false,
    shouldHandle: () => true,
    onHeaders: (lines) => void log.push(`headers ${lines[0]}`),
    onBadRequest: (error) => {
      log.push(`bad ${error.message}`);
      return false;
    },
    onOpened: () => void log.push('opened'),
    ...given,
  };
  const opened: WebSocket[] = [];
  const begin = (): void => {
    new ServerOpening(host, request, new UpgradeCarrier(request, socket), Buffer.alloc(0), (ws) => {
      log.push('callback');
      opened.push(ws);
    }).begin();
  };
  return { begin, host, log, opened, request, socket, answer: () => text.split('\r\n')[0], text: () => text };
}

describe('ServerOpening', () => {
  it('answers, and tells of the connection first its server and then who asked', () => {
    const { begin, log, opened, socket, text } = attempt();
    begin();
    expect(text()).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(text()).toContain('Sec-WebSocket-Protocol: one\r\n');
    expect(log).toEqual(['headers HTTP/1.1 101 Switching Protocols', 'opened', 'callback']);
    expect([opened[0]!.readyState, opened[0]!.protocol]).toEqual([1, 'one']);
    expect(begin).toThrow(/more than once with the same socket/);
    socket.destroy();
  });

  it('refuses what is no request to upgrade, which its server is told, and who may have the socket', async () => {
    const refused = attempt();
    refused.request.method = 'POST';
    refused.begin();
    expect([refused.answer(), refused.log]).toEqual([
      'HTTP/1.1 405 Method Not Allowed',
      ['bad Invalid HTTP method'],
    ]);
    await once(refused.socket, 'close');
    const taken = attempt({ onBadRequest: () => true });
    taken.request.method = 'POST';
    taken.begin();
    expect([taken.text(), taken.socket.destroyed]).toEqual(['', false]);
  });

  it('refuses at once where there is no room, and after the hooks where the server was closed meanwhile', () => {
    const full = attempt({ unavailable: true, refusal: UNAVAILABLE });
    full.begin();
    expect(full.answer()).toBe('HTTP/1.1 503 Service Unavailable');
    const closed = attempt({ refusal: { statusCode: 503, message: '' } });
    const asked: unknown[] = [];
    closed.host.shouldHandle = (request) => asked.push(request) > 0;
    closed.begin();
    expect([closed.answer(), asked.length, closed.log]).toEqual(['HTTP/1.1 503 Service Unavailable', 1, []]);
  });

  it.each([
    ['shouldHandle', { shouldHandle: () => Promise.resolve(false) }, 'HTTP/1.1 400 Bad Request'],
    [
      'verifyClient',
      { options: { verifyClient: () => Promise.resolve(false) as unknown as boolean } },
      'HTTP/1.1 401 Unauthorized',
    ],
    [
      'the callback of verifyClient',
      {
        options: {
          verifyClient: (_info, decide) => void setImmediate(() => decide(false, 403)),
        } satisfies ServerOptions,
      },
      'HTTP/1.1 403 Forbidden',
    ],
    ['an origin', { options: { origins: ['https://example.com'] } }, 'HTTP/1.1 403 Forbidden'],
  ])('waits for %s, and refuses by it', async (_name, given, answer) => {
    const refused = attempt(given);
    refused.request.headers.origin = 'https://example.org';
    refused.begin();
    await once(refused.socket, 'close');
    expect([refused.answer(), refused.opened.length]).toEqual([answer, 0]);
  });

  it('refuses who waits for a decision when its time is over, and comes too late for the decision', async () => {
    let decide = (_yes: boolean): void => {};
    const decision = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const late = attempt({ shouldHandle: () => decision, options: { handshakeTimeout: 1 } });
    late.begin();
    await once(late.socket, 'close');
    decide(true);
    await decision;
    await new Promise(setImmediate);
    expect([late.answer(), late.opened.length]).toEqual(['HTTP/1.1 503 Service Unavailable', 0]);
  });
});
