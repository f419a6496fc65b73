import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Heartbeat } from '../../src/client/heartbeat.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function start(message: string | (() => string | undefined) = 'ping') {
  const send = vi.fn();
  const onDead = vi.fn();
  const heartbeat = new Heartbeat({ intervalMs: 100, timeoutMs: 10, message }, send, onDead);
  return { heartbeat, send, onDead };
}

it('asks again and again, as long as it hears something', () => {
  const { heartbeat, send, onDead } = start();
  for (let n = 1; n <= 3; n++) {
    vi.advanceTimersByTime(100);
    expect(send.mock.calls).toEqual(Array.from({ length: n }, () => ['ping']));
    heartbeat.heard();
    vi.advanceTimersByTime(10);
  }
  expect(onDead).not.toHaveBeenCalled();
});

it('tells when nothing comes in time', () => {
  const { onDead } = start();
  vi.advanceTimersByTime(109);
  expect(onDead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDead).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1000);
  expect(onDead).toHaveBeenCalledOnce();
});

it('asks at once, and not twice', () => {
  const { heartbeat, send, onDead } = start();
  heartbeat.ask();
  heartbeat.ask();
  expect(send).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10);
  expect(onDead).toHaveBeenCalledOnce();
});

it('makes its message each time, and may have none', () => {
  const messages = ['a', undefined, 'b'];
  const { heartbeat, send } = start(() => messages.shift());
  for (let n = 0; n < 3; n++) {
    vi.advanceTimersByTime(100);
    heartbeat.heard();
    vi.advanceTimersByTime(10);
  }
  expect(send.mock.calls).toEqual([['a'], ['b']]);
});

it('ends', () => {
  const { heartbeat, send, onDead } = start();
  heartbeat.stop();
  vi.advanceTimersByTime(1000);
  heartbeat.ask();
  heartbeat.stop();
  vi.advanceTimersByTime(1000);
  expect([send.mock.calls.length, onDead.mock.calls.length]).toEqual([1, 0]);
});

it('has defaults', () => {
  const send = vi.fn();
  const onDead = vi.fn();
  new Heartbeat({ message: 'ping' }, send, onDead);
  vi.advanceTimersByTime(25_000);
  expect(send).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  expect(onDead).toHaveBeenCalledOnce();
});
