import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ReadingHold } from '../../src/api/reading-hold.ts';

function setUp() {
  const log: string[] = [];
  const socket = new PassThrough();
  const hold = new ReadingHold({ socket, hold: () => log.push('hold'), readOn: () => log.push('read on') });
  return { log, socket, hold };
}

describe('ReadingHold', () => {
  it('stops reading as often as it is asked, and goes on once', () => {
    const { log, hold } = setUp();
    hold.readOn();
    hold.hold();
    hold.hold();
    hold.readOn();
    hold.readOn();
    expect(log).toEqual(['hold', 'hold', 'read on']);
  });

  it('goes on when it is released, and holds no more', () => {
    const { log, socket, hold } = setUp();
    hold.hold();
    hold.release();
    hold.hold();
    expect(log).toEqual(['hold', 'read on']);
    expect(socket.listenerCount('close')).toBe(0);
  });

  it('holds nothing back once the socket is closed', async () => {
    const { log, socket, hold } = setUp();
    hold.hold();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    hold.hold();
    await closed;
    hold.hold();
    expect(log).toEqual(['hold', 'read on']);
  });
});
