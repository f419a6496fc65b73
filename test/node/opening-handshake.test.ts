import { EventEmitter } from 'node:events';
import { type ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptFor } from '../../src/handshake/accept-key.ts';
import { type AttemptEvents, OpeningHandshake } from '../../src/node/opening-handshake.ts';
import { sha1Base64 } from '../../src/node/sha1.ts';

/** An opening handshake whose request goes nowhere. */
class IdleHandshake extends OpeningHandshake {
  dropped = 0;
  readonly http = new EventEmitter() as ClientRequest;

  constructor(events: AttemptEvents, handshakeTimeout = 0) {
    const upgrade = { target: '/', host: 'a', version: 13, subprotocols: [] } as const;
    const target = { secure: false, host: 'a', port: 1, options: {} };
    super({ target, upgrade, deflate: {}, handshakeTimeout }, events);
    this.listenTo(this.http);
  }

  get accept(): string {
    return acceptFor(this.request.key, sha1Base64);
  }

  protected drop(): void {
    this.dropped++;
  }
}

const log: unknown[] = [];
let wanted = false;
let onUpgrade = (): void => {};

const events: AttemptEvents = {
  websocket: {},
  wantsUnexpectedResponse: () => wanted,
  onUnexpectedResponse: (_, response) => log.push(['response', response.statusCode]),
  onUpgrade: () => {
    log.push('upgrade');
    onUpgrade();
  },
  onOpened: ({ subprotocol, deflate }) => log.push(['opened', subprotocol, deflate?.clientMaxWindowBits]),
  onFailed: (error) => log.push(['failed', error.message]),
};

function response(statusCode: number, headers: Record<string, string> = {}): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { statusCode, headers });
}

function accepted(handshake: IdleHandshake): IncomingMessage {
  return response(101, {
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-accept': handshake.accept,
    'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits=9',
  });
}

beforeEach(() => {
  log.length = 0;
  wanted = false;
  onUpgrade = () => {};
});

describe('OpeningHandshake', () => {
  it('opens on the answer to its key', () => {
    const handshake = new IdleHandshake(events);
    handshake.http.emit('upgrade', accepted(handshake), new Socket(), Buffer.alloc(0));
    expect(log).toEqual(['upgrade', ['opened', '', 9]]);
    expect(handshake.dropped).toBe(0);
  });

  it('fails once, and drops what it holds', () => {
    const handshake = new IdleHandshake(events);
    handshake.http.emit('upgrade', response(101), new Socket(), Buffer.alloc(0));
    handshake.http.emit('error', new Error('late'));
    expect(log).toEqual(['upgrade', ['failed', 'Invalid Upgrade header']]);
    expect(handshake.dropped).toBe(1);
  });

  it('hands over another response where it is wanted', () => {
    new IdleHandshake(events).http.emit('response', response(401));
    wanted = true;
    new IdleHandshake(events).http.emit('response', response(401));
    expect(log).toEqual([
      ['failed', 'Unexpected server response: 401'],
      ['response', 401],
    ]);
  });

  it('says nothing once it was given up, also in "upgrade"', () => {
    const handshake = new IdleHandshake(events);
    onUpgrade = () => handshake.abort();
    handshake.http.emit('upgrade', accepted(handshake), new Socket(), Buffer.alloc(0));
    expect(log).toEqual(['upgrade']);
  });

  it('takes as long as it may', () => {
    vi.useFakeTimers();
    try {
      new IdleHandshake(events, 50);
      vi.advanceTimersByTime(49);
      expect(log).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(log).toEqual([['failed', 'Opening handshake has timed out']]);
      new IdleHandshake(events, 50).abort();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
