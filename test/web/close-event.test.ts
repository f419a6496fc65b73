import { describe, expect, it } from 'vitest';
import { CloseEvent, type CloseEventInit } from '../../src/web/close-event.ts';

describe('CloseEvent', () => {
  it('has defaults', () => {
    const event = new CloseEvent('x');
    expect(event).toBeInstanceOf(Event);
    expect([event.type, event.wasClean, event.code, event.reason]).toEqual(['x', false, 0, '']);
    expect([event.bubbles, event.cancelable]).toEqual([false, false]);
    expect(new CloseEvent('x', null).code).toBe(0);
    expect(String(event)).toBe('[object CloseEvent]');
  });

  it('takes its values, and those of Event', () => {
    const init = { bubbles: true, cancelable: true, wasClean: true, code: 7, reason: 'r' };
    expect(new CloseEvent('x', init)).toMatchObject(init);
  });

  it('converts its values', () => {
    const init = { wasClean: 1, code: 65536 + 5, reason: 'a\ud800' } as unknown as CloseEventInit;
    const event = new CloseEvent('x', init);
    expect([event.wasClean, event.code, event.reason]).toEqual([true, 5, 'a\ufffd']);
  });

  it('refuses what no page could make', () => {
    const Untyped = CloseEvent as unknown as new (...args: unknown[]) => CloseEvent;
    expect(() => new Untyped()).toThrow(TypeError);
    expect(() => new Untyped('x', 5)).toThrow(TypeError);
    expect(() => new Untyped('x', { code: 1n })).toThrow(TypeError);
  });

  it('has accessors that can be listed, and know their own', () => {
    expect(CloseEvent.length).toBe(1);
    expect(CloseEvent.name).toBe('CloseEvent');
    for (const name of ['wasClean', 'code', 'reason']) {
      const { get, set, enumerable } = Object.getOwnPropertyDescriptor(CloseEvent.prototype, name)!;
      expect([set, enumerable]).toEqual([undefined, true]);
      expect(() => get!.call(new Event('x'))).toThrow(TypeError);
    }
  });
});
