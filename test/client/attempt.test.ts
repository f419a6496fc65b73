import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Attempt, type ProvidedProtocols, type ProvidedUrl } from '../../src/client/attempt.ts';
import { readOptions } from '../../src/client/options.ts';
import { FakeWebSocket } from './fake-websocket.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  FakeWebSocket.made = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function attempt(url: ProvidedUrl, protocols?: ProvidedProtocols, connectTimeoutMs = 100) {
  const events = { onOpen: vi.fn(), onMessage: vi.fn(), onError: vi.fn(), onClose: vi.fn() };
  const settings = readOptions({ WebSocket: FakeWebSocket, connectTimeoutMs });
  return { attempt: new Attempt(url, protocols, settings, events), events };
}

const LOST = { code: 1006, reason: '', wasClean: false };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Attempt', () => {
  it('connects at once to what is known', () => {
    const { attempt: made, events } = attempt(new URL('ws://a/'), ['p']);
    expect([FakeWebSocket.last.url, FakeWebSocket.last.offered]).toEqual(['ws://a/', ['p']]);
    expect(made.socket).toBe(FakeWebSocket.last);
    FakeWebSocket.last.open();
    FakeWebSocket.last.receive('hello');
    FakeWebSocket.last.end(1001, 'bye');
    expect(events.onOpen.mock.calls).toEqual([[made.socket]]);
    expect(events.onMessage.mock.calls).toEqual([['hello', 'ws://test']]);
    expect(events.onClose.mock.calls).toEqual([[{ code: 1001, reason: 'bye', wasClean: true }]]);
  });

  it.each<[ProvidedUrl, ProvidedProtocols]>([
    [() => 'ws://a', undefined],
    [async () => 'ws://a', async () => null],
    ['ws://a', () => []],
  ])('connects to what functions return', async (url, protocols) => {
    attempt(url, protocols);
    expect(FakeWebSocket.made).toEqual([]);
    await turn();
    expect([FakeWebSocket.last.url, FakeWebSocket.last.offered]).toEqual(['ws://a', []]);
  });

  it('throws what is refused, and tells what functions throw', async () => {
    expect(() => attempt('http')).toThrow(DOMException);
    const failure = new Error('no token');
    const { events } = attempt(async () => Promise.reject(failure));
    await turn();
    expect(events.onError.mock.calls).toEqual([[failure]]);
    expect(events.onClose.mock.calls).toEqual([[LOST]]);
  });

  it('takes the platform’s WebSocket, and throws without one', () => {
    const events = { onOpen: vi.fn(), onMessage: vi.fn(), onError: vi.fn(), onClose: vi.fn() };
    vi.stubGlobal('WebSocket', FakeWebSocket);
    new Attempt('ws://a', [], readOptions({}), events).abandon();
    expect(FakeWebSocket.made.length).toBe(1);
    vi.stubGlobal('WebSocket', undefined);
    expect(() => new Attempt('ws://a', [], readOptions({}), events)).toThrow(/no global WebSocket/);
  });

  it('ends when it takes too long, functions included', () => {
    const { events } = attempt(() => new Promise(() => {}));
    vi.advanceTimersByTime(100);
    expect(events.onClose.mock.calls).toEqual([[{ ...LOST, reason: 'timeout' }]]);
    const { events: others } = attempt('ws://a');
    vi.advanceTimersByTime(100);
    expect(others.onClose).toHaveBeenCalledOnce();
    expect(FakeWebSocket.last.closedWith).toEqual([4499]);
  });

  it('has as long as it likes once it is open, and with 0', () => {
    const { events } = attempt('ws://a');
    FakeWebSocket.last.open();
    attempt('ws://a', [], 0);
    vi.advanceTimersByTime(1000);
    expect(events.onClose).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells nothing after it was abandoned', async () => {
    const { attempt: made, events } = attempt('ws://a');
    const later = attempt(async () => 'ws://b');
    const failing = attempt(async () => Promise.reject(new Error('late')));
    for (const each of [made, later.attempt, failing.attempt]) each.abandon();
    await turn();
    const [socket] = FakeWebSocket.made;
    socket!.open();
    socket!.receive('late');
    socket!.end();
    expect(FakeWebSocket.made.length).toBe(1);
    for (const each of [events, later.events, failing.events]) {
      for (const event of Object.values(each)) expect(event).not.toHaveBeenCalled();
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes the WebSocket, or ends before there is one', async () => {
    const { attempt: made, events } = attempt('ws://a');
    made.close(4000, 'r');
    expect(FakeWebSocket.last.closedWith).toEqual([4000]);
    expect(() => made.close(1, '')).toThrow(DOMException);
    FakeWebSocket.last.end();
    expect(events.onError).toHaveBeenCalledOnce();
    const later = attempt(() => new Promise(() => {}));
    later.attempt.close(undefined, undefined);
    expect(later.events.onClose).not.toHaveBeenCalled();
    await turn();
    expect(later.events.onClose.mock.calls).toEqual([[LOST]]);
  });
});
