import { describe, expect, it, vi } from 'vitest';
import { EventAttributes } from '../../src/client/event-attributes.ts';

describe.each(['open', 'message', 'error', 'close'] as const)('on%s', (type) => {
  const name = `on${type}` as const;

  it('is null, then the handler, which gets the event', () => {
    const target = new EventAttributes();
    expect(target[name]).toBeNull();
    const handler = vi.fn();
    target[name] = handler;
    expect(target[name]).toBe(handler);
    const event = new Event(type);
    target.dispatchEvent(event);
    expect(handler.mock.calls).toEqual([[event]]);
    expect(handler.mock.contexts[0]).toBe(target);
  });

  it('is replaced, and taken away', () => {
    const target = new EventAttributes();
    const [first, second] = [vi.fn(), vi.fn()];
    target[name] = first;
    target[name] = second;
    target.dispatchEvent(new Event(type));
    target[name] = null;
    target.dispatchEvent(new Event(type));
    target[name] = 'none' as never;
    expect([first.mock.calls.length, second.mock.calls.length, target[name]]).toEqual([0, 1, null]);
  });

  it('is called beside a listener that is the same function', () => {
    const target = new EventAttributes();
    const handler = vi.fn();
    target.addEventListener(type, handler);
    target[name] = handler;
    target.dispatchEvent(new Event(type));
    expect(handler).toHaveBeenCalledTimes(2);
  });
});
