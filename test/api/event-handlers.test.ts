import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { defineEventHandlers, type EventHandlers } from '../../src/api/event-handlers.ts';

class Target extends EventEmitter {
  declare onopen: EventHandlers['onopen'];
  declare onmessage: EventHandlers['onmessage'];
}
defineEventHandlers(Target.prototype);

it.each(['onopen', 'onerror', 'onclose', 'onmessage'])('%s can be listed and redefined', (name) => {
  const descriptor = Object.getOwnPropertyDescriptor(Target.prototype, name);
  expect(descriptor).toMatchObject({ enumerable: true, configurable: true });
});

it('holds one handler, or null', () => {
  const target = new Target();
  const log: string[] = [];
  expect(target.onopen).toBeNull();
  const first = (): unknown => log.push('first');
  target.onopen = first;
  expect(target.onopen).toBe(first);
  target.emit('open');
  target.onopen = () => log.push('second');
  target.emit('open');
  target.onopen = null;
  target.emit('open');
  expect(log).toEqual(['first', 'second']);
  expect(target.listenerCount('open')).toBe(0);
});

it('gives the handler the event', () => {
  const target = new Target();
  const data: unknown[] = [];
  target.onmessage = (event) => data.push(event.data, event.target);
  target.emit('message', Buffer.from('text'), false);
  expect(data).toEqual(['text', target]);
});
