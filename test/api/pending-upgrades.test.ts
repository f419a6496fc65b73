import { once } from 'node:events';
import { type Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PendingUpgrades } from '../../src/api/pending-upgrades.ts';
import { UpgradeCarrier } from '../../src/node/upgrade-carrier.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';

/** A socket that keeps what is written to it. */
class Recorder extends MemorySocket {
  text = '';

  constructor() {
    super((text) => {
      this.text += text;
    });
  }
}

function request(socket: Duplex): UpgradeCarrier {
  return new UpgradeCarrier({ headers: {} }, socket);
}

const NEVER_MS = 1_000_000;

describe('PendingUpgrades', () => {
  it('refuses with 503 what is not decided in time', async () => {
    const pending = new PendingUpgrades();
    const socket = new Recorder();
    pending.add(request(socket), 1);
    await once(socket, 'close');
    expect(socket.text).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n[\s\S]*Retry-After: 5\r\n/);
  });

  it('leaves alone what is decided, and what it was never given', async () => {
    const pending = new PendingUpgrades();
    const [early, late] = [new Recorder(), new Recorder()];
    pending.delete(early);
    pending.add(request(late), 1);
    pending.delete(late);
    const probe = new Recorder();
    pending.add(request(probe), 1);
    await once(probe, 'close');
    pending.refuseAll();
    expect([early, late].map(({ text, destroyed }) => [text, destroyed])).toEqual([
      ['', false],
      ['', false],
    ]);
    expect(late.listenerCount('close')).toBe(0);
  });

  it('refuses all that wait, once, also without a limit', async () => {
    const pending = new PendingUpgrades();
    const sockets = [new Recorder(), new Recorder()];
    pending.add(request(sockets[0]!), 0);
    pending.add(request(sockets[1]!), NEVER_MS);
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    pending.refuseAll();
    pending.refuseAll();
    await closed;
    for (const { text } of sockets) expect(text.match(/HTTP\/1.1 503/g)).toHaveLength(1);
  });

  it('forgets a socket that closes', async () => {
    const pending = new PendingUpgrades();
    const socket = new Recorder();
    pending.add(request(socket), NEVER_MS);
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    pending.refuseAll();
    expect(socket.text).toBe('');
  });

  it('keeps the limit of a socket that is given twice', async () => {
    const pending = new PendingUpgrades();
    const socket = new PassThrough();
    socket.resume();
    pending.add(request(socket), 1);
    pending.add(request(socket), NEVER_MS);
    await once(socket, 'close');
  });
});
