import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EarlyMessages } from '../../src/api/early-messages.ts';
import { CLOSING, OPEN, type ReadyState } from '../../src/api/ready-state.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

class Target extends EventEmitter {
  isPaused = false;
  readyState: ReadyState = OPEN;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp({ maxBytes = 10_000, readyState = OPEN as ReadyState } = {}) {
  const target = new Target();
  target.readyState = readyState;
  const log: string[] = [];
  const early = new EarlyMessages(
    target,
    { hold: () => log.push('hold'), readOn: () => log.push('read on') },
    { maxBytes, timeoutMs: 1000 },
    { emit: (data) => target.emit('message', data), onOver: () => log.push('over') },
  );
  const add = (text: string): void => early.add(Buffer.from(text), false, undefined);
  const listener = (data: Buffer): void => void log.push(String(data));
  return { target, log, early, add, listener };
}

describe('EarlyMessages', () => {
  it('tells what it holds to the first listener, in order, once that is there', async () => {
    const { target, log, add, listener } = setUp();
    add('a');
    add('b');
    target.on('close', () => {});
    target.on('message', listener);
    add('c');
    expect(log).toEqual([]);
    await nextTurn();
    expect(log).toEqual(['a', 'b', 'c', 'over']);
    expect(target.listenerCount('newListener')).toBe(0);
  });

  it('keeps the rest for the next listener when the first one listens once', async () => {
    const { target, log, add, listener } = setUp();
    add('a');
    add('b');
    target.once('message', listener);
    await nextTurn();
    expect(log).toEqual(['a']);
    target.once('message', listener);
    await nextTurn();
    expect(log).toEqual(['a', 'b', 'over']);
  });

  it('waits while the WebSocket is paused, for as long as that takes', async () => {
    const { target, log, early, add, listener } = setUp();
    add('a');
    target.isPaused = true;
    target.on('message', listener);
    await nextTurn();
    vi.advanceTimersByTime(100_000);
    expect(log).toEqual([]);
    target.isPaused = false;
    early.tell();
    early.tell();
    await nextTurn();
    expect(log).toEqual(['a', 'over']);
  });

  it('stops reading when it is full, and reads on when all is told', async () => {
    const { target, log, add, listener } = setUp({ maxBytes: 600 });
    for (const text of ['a', 'b', 'c', 'd']) add(text);
    expect(log).toEqual(['hold']);
    target.on('message', listener);
    await nextTurn();
    expect(log).toEqual(['hold', 'a', 'b', 'c', 'd', 'over', 'read on']);
  });

  it('drops what it holds when nobody listens in time, and reads on', async () => {
    const { target, log, add, listener } = setUp({ maxBytes: 0 });
    add('a');
    vi.advanceTimersByTime(999);
    expect(log).toEqual(['hold']);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['hold', 'over', 'read on']);
    target.on('message', listener);
    await nextTurn();
    expect(log).toHaveLength(3);
  });

  it('waits as long for the next listener of one message', async () => {
    const { target, log, add, listener } = setUp();
    add('a');
    add('b');
    vi.advanceTimersByTime(999);
    target.once('message', listener);
    await nextTurn();
    vi.advanceTimersByTime(999);
    expect(log).toEqual(['a']);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['a', 'over']);
  });

  it('reads on when the connection is closing, and holds no more than fits', async () => {
    const { target, log, early, add, listener } = setUp({ maxBytes: 300 });
    add('a');
    add('b');
    early.onClosing();
    add('c');
    expect(log).toEqual(['hold', 'read on']);
    target.on('message', listener);
    await nextTurn();
    expect(log).toEqual(['hold', 'read on', 'a', 'b', 'over']);
  });

  it('does not stop the reading of a connection that is closing already', () => {
    const { log, add } = setUp({ maxBytes: 0, readyState: CLOSING });
    add('a');
    add('b');
    expect(log).toEqual([]);
  });

  it('tells the rest to who is paused when the connection is closed, before that is told', () => {
    const { target, log, early, add, listener } = setUp();
    add('a');
    target.isPaused = true;
    target.on('message', listener);
    early.onClosing();
    early.onClosed();
    expect(log).toEqual(['a', 'over']);
  });

  it('keeps what it holds after the end, for a late listener', async () => {
    const { target, log, early, add, listener } = setUp();
    add('a');
    early.onClosing();
    early.onClosed();
    early.onClosing();
    expect(log).toEqual([]);
    target.on('message', listener);
    await nextTurn();
    expect(log).toEqual(['a', 'over']);
  });
});
