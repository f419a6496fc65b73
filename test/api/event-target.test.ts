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

/** Adds a listener, emits, and returns what it got. */
function received(type: EventType, args: unknown[], target = new EventEmitter()): Event[] {
  const events: Event[] = [];
  addListener(target, type, (event) => events.push(event as unknown as Event), false);
  target.emit(type, ...args);
  return events;
}

describe('the events', () => {
  it('are of classes that inherit from that of open', () => {
    expect(received('open', [])[0]).toBeInstanceOf(Event);
    expect(received('message', [Buffer.alloc(0), true])[0]).toBeInstanceOf(MessageEvent);
    expect(received('close', [1000, Buffer.alloc(0)])[0]).toBeInstanceOf(CloseEvent);
    expect(received('error', [new Error('a')])[0]).toBeInstanceOf(ErrorEvent);
    for (const derived of [MessageEvent, CloseEvent, ErrorEvent]) {
      expect(derived.prototype).toBeInstanceOf(Event);
    }
  });

  it('tell their type and target', () => {
    const target = new EventEmitter();
    const [event] = received('open', [], target);
    expect([event!.type, event!.target]).toEqual(['open', target]);
  });

  it('of a text message have a string, those of a binary one the data', () => {
    const data = Buffer.from('hi');
    expect((received('message', [data, false])[0] as MessageEvent).data).toBe('hi');
    expect((received('message', [data, true])[0] as MessageEvent).data).toBe(data);
  });

  it('of the end have code and reason, and whether it was clean', () => {
    const target = new EventEmitter();
    expect(received('close', [1006, Buffer.alloc(0)], target)[0]).toMatchObject({
      code: 1006,
      reason: '',
      wasClean: false,
    });
    markCleanlyClosed(target);
    expect(received('close', [4000, Buffer.from('bye')], target)[0]).toMatchObject({
      code: 4000,
      reason: 'bye',
      wasClean: true,
    });
  });

  it('of an error have it and its message', () => {
    const error = new Error('broken');
    expect(received('error', [error])[0]).toMatchObject({ type: 'error', error, message: 'broken' });
  });

  it('have enumerable, configurable getters without setters on the prototypes', () => {
    const names: Array<[object, string[]]> = [
      [Event.prototype, ['type', 'target']],
      [MessageEvent.prototype, ['data']],
      [CloseEvent.prototype, ['code', 'reason', 'wasClean']],
      [ErrorEvent.prototype, ['error', 'message']],
    ];
    for (const [prototype, properties] of names) {
      for (const property of properties) {
        expect(Object.getOwnPropertyDescriptor(prototype, property)).toMatchObject({
          enumerable: true,
          configurable: true,
          get: expect.any(Function),
          set: undefined,
        });
      }
    }
  });

  it('have no target, and defaults for the rest, when made by hand', () => {
    expect(new Event('open')).toMatchObject({ type: 'open', target: null });
    expect(new MessageEvent('a')).toMatchObject({ type: 'a', target: null, data: null });
    expect(new CloseEvent('close')).toMatchObject({ target: null, code: 0, reason: '', wasClean: false });
    expect(new ErrorEvent('error')).toMatchObject({ target: null, error: null, message: '' });
  });

  it('have the fields that they are made with', () => {
    const error = new Error('a');
    expect(new MessageEvent('message', { data: 1 })).toMatchObject({ type: 'message', data: 1 });
    const close = { code: 1000, reason: 'bye', wasClean: true };
    expect(new CloseEvent('close', close)).toMatchObject(close);
    expect(new ErrorEvent('error', { error, message: 'b' })).toMatchObject({ error, message: 'b' });
  });

  it('of an error that is none have no message', () => {
    expect(received('error', ['broken'])[0]).toMatchObject({ error: 'broken', message: '' });
  });
});

describe('addListener', () => {
  it('adds the same listener once', () => {
    const target = new EventEmitter();
    const listener = (): void => {};
    addListener(target, 'open', listener, false);
    addListener(target, 'open', listener, false);
    addListener(target, 'open', () => {}, false);
    expect(target.listenerCount('open')).toBe(2);
  });

  it('ignores other types', () => {
    const target = new EventEmitter();
    addListener(target, 'ping' as 'open', () => {}, false);
    expect(target.listenerCount('ping')).toBe(0);
  });

  it('calls functions with the target as this, and handleEvent with the object', () => {
    const target = new EventEmitter();
    const seen: unknown[] = [];
    const listener = {
      handleEvent(): void {
        seen.push(this);
      },
    };
    addListener(
      target,
      'open',
      function (this: unknown) {
        seen.push(this);
      },
      false,
    );
    addListener(target, 'open', listener, false);
    target.emit('open');
    expect(seen[0]).toBe(target);
    expect(seen[1]).toBe(listener);
  });

  it('has removed a listener for once by the time it runs', () => {
    const target = new EventEmitter();
    const counts: number[] = [];
    addListener(target, 'open', () => counts.push(target.listenerCount('open')), true);
    target.emit('open');
    target.emit('open');
    expect(counts).toEqual([0]);
  });
});

describe('removeListener', () => {
  it('removes what was added, for once too', () => {
    const target = new EventEmitter();
    const listener = (): void => {};
    for (const once of [false, true]) {
      addListener(target, 'message', listener, once);
      removeListener(target, 'message', listener);
      expect(target.listenerCount('message')).toBe(0);
    }
  });

  it('removes neither listeners of on() nor handlers, nor what was never added', () => {
    const target = new EventEmitter();
    const listener = (): void => {};
    target.on('message', listener);
    setHandler(target, 'message', listener);
    removeListener(target, 'message', listener);
    removeListener(target, 'close', listener);
    expect(target.listenerCount('message')).toBe(2);
  });
});

describe('handlers', () => {
  it('are null by default, and what was set then', () => {
    const target = new EventEmitter();
    const handler = (): void => {};
    target.on('open', () => {});
    addListener(target, 'open', () => {}, false);
    expect(getHandler(target, 'open')).toBeNull();
    setHandler(target, 'open', handler);
    expect(getHandler(target, 'open')).toBe(handler);
    expect(getHandler(target, 'close')).toBeNull();
  });

  it('replace one another, and are cleared by anything but a function', () => {
    const target = new EventEmitter();
    const calls: string[] = [];
    setHandler(target, 'open', () => calls.push('first'));
    setHandler(target, 'open', () => calls.push('second'));
    target.emit('open');
    setHandler(target, 'open', 'nothing' as unknown as null);
    target.emit('open');
    expect(calls).toEqual(['second']);
    expect(target.listenerCount('open')).toBe(0);
    expect(getHandler(target, 'open')).toBeNull();
  });

  it.each([true, false])(
    'are listeners of their own beside the same function added (handler first: %s)',
    (first) => {
      const target = new EventEmitter();
      let calls = 0;
      const listener = (): void => {
        calls++;
      };
      if (first) setHandler(target, 'open', listener);
      addListener(target, 'open', listener, false);
      if (!first) setHandler(target, 'open', listener);
      target.emit('open');
      expect([calls, target.listenerCount('open')]).toEqual([2, 2]);
    },
  );
});
