import { describe, expect, it } from 'vitest';
import { EventHandler } from '../../src/web/event-handler.ts';

function create() {
  const target = new EventTarget();
  return { target, handler: new EventHandler(target, 'x') };
}

describe('an event handler', () => {
  it('is called with the event, for its target', () => {
    const { target, handler } = create();
    const calls: unknown[] = [];
    handler.value = function (this: unknown, ...args: unknown[]) {
      calls.push(this, ...args);
    };
    const event = new Event('x');
    target.dispatchEvent(event);
    expect(calls).toEqual([target, event]);
  });

  it.each([2, 'text', undefined, null, true, Symbol('x')])('is null when set to %o', (value) => {
    const { handler } = create();
    handler.value = () => {};
    handler.value = value;
    expect(handler.value).toBe(null);
  });

  it('keeps an object that is no function, and does not call it', () => {
    const { target, handler } = create();
    const object = {
      handleEvent() {
        throw new Error('called');
      },
    };
    handler.value = object;
    expect(handler.value).toBe(object);
    expect(target.dispatchEvent(new Event('x'))).toBe(true);
  });

  it('keeps its place when it is replaced, and loses it when it is null in between', () => {
    const { target, handler } = create();
    const log: string[] = [];
    handler.value = () => log.push('first');
    target.addEventListener('x', () => log.push('listener'));
    handler.value = () => log.push('second');
    target.dispatchEvent(new Event('x'));
    expect(log.splice(0)).toEqual(['second', 'listener']);
    handler.value = null;
    target.dispatchEvent(new Event('x'));
    expect(log.splice(0)).toEqual(['listener']);
    handler.value = () => log.push('third');
    target.dispatchEvent(new Event('x'));
    expect(log).toEqual(['listener', 'third']);
  });

  it('cancels by returning false', () => {
    const { target, handler } = create();
    handler.value = () => false;
    expect(target.dispatchEvent(new Event('x', { cancelable: true }))).toBe(false);
    handler.value = () => 0;
    expect(target.dispatchEvent(new Event('x', { cancelable: true }))).toBe(true);
  });

  it('works where the methods of the target are replaced', () => {
    const { target, handler } = create();
    let called = false;
    target.addEventListener = () => {};
    handler.value = () => {
      called = true;
    };
    target.dispatchEvent(new Event('x'));
    expect(called).toBe(true);
  });
});
