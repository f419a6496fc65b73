import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  addListener,
  CloseEvent,
  ErrorEvent,
  Event,
  type EventType,
  getHandler,
  MessageEvent,
  markCleanlyClosed,
  removeListener,
  setHandler,
} from '../../src/api/event-target.ts';

describe('listeners', () => {
  it('are added once, called with an event, and removed', () => {
    const target = new EventEmitter();
    const events: Event[] = [];
    const listener = (event: Event): number => events.push(event);
    addListener(target, 'open', listener, false);
    addListener(target, 'open', listener, false);
    expect(target.listenerCount('open')).toBe(1);
    target.emit('open');
    removeListener(target, 'open', listener);
    removeListener(target, 'open', listener);
    target.emit('open');
    expect(events.map(({ type, target: from }) => [type, from === target])).toEqual([['open', true]]);
  });

  it('may be objects, and be called once', () => {
    const target = new EventEmitter();
    const calls: unknown[] = [];
    const listener = {
      handleEvent(this: unknown, event: MessageEvent): void {
        calls.push([this === listener, event.data]);
      },
    };
    addListener(target, 'message', listener, true);
    target.emit('message', Buffer.from('text'), false);
    target.emit('message', Buffer.from('text'), false);
    expect(calls).toEqual([[true, 'text']]);
  });

  it('of other events are not added, and those of on() not removed', () => {
    const target = new EventEmitter();
    const listener = (): void => {};
    addListener(target, 'ping' as EventType, listener, false);
    target.on('open', listener);
    removeListener(target, 'open', listener);
    expect([target.listenerCount('ping'), target.listenerCount('open')]).toEqual([0, 1]);
  });
});

describe('handlers', () => {
  it('replace one another, apart from listeners with the same function', () => {
    const target = new EventEmitter();
    const listener = (): void => {};
    expect(getHandler(target, 'close')).toBeNull();
    setHandler(target, 'close', listener);
    addListener(target, 'close', listener, false);
    expect([getHandler(target, 'close'), target.listenerCount('close')]).toEqual([listener, 2]);
    setHandler(target, 'close', null);
    expect([getHandler(target, 'close'), target.listenerCount('close')]).toEqual([null, 1]);
  });
});

describe('events', () => {
  it('carry what was emitted', () => {
    const target = new EventEmitter();
    const seen: unknown[] = [];
    setHandler(target, 'message', ({ data }) => seen.push(data));
    setHandler(target, 'close', ({ code, reason, wasClean }) => seen.push([code, reason, wasClean]));
    setHandler(target, 'error', ({ error, message }) => seen.push([error, message]));
    const bytes = Buffer.from([1]);
    const error = new Error('words');
    target.emit('message', bytes, true);
    target.emit('close', 1000, Buffer.from('bye'));
    markCleanlyClosed(target);
    target.emit('close', 1000, Buffer.from('bye'));
    target.emit('error', error);
    expect(seen).toEqual([bytes, [1000, 'bye', false], [1000, 'bye', true], [error, 'words']]);
  });

  it('have enumerable getters, and Event as their base', () => {
    for (const [eventClass, names] of [
      [Event, ['type', 'target']],
      [MessageEvent, ['data']],
      [CloseEvent, ['code', 'reason', 'wasClean']],
      [ErrorEvent, ['error', 'message']],
    ] as const) {
      expect(eventClass === Event || eventClass.prototype instanceof Event).toBe(true);
      for (const name of names) {
        const descriptor = Object.getOwnPropertyDescriptor(eventClass.prototype, name);
        expect(descriptor).toMatchObject({ enumerable: true, configurable: true, set: undefined });
      }
    }
    expect(new MessageEvent('x').target).toBeNull();
    expect(new CloseEvent(1, '', true).target).toBeNull();
    expect(new ErrorEvent(new Error('x')).target).toBeNull();
    expect(new Event('open').target).toBeNull();
  });
});
