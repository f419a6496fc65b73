import { expect, it } from 'vitest';
import { assertEventType } from '../../src/wire/event-type.ts';

it.each(['a', 'chat.said', 'a'.repeat(128), '__proto__', 'a$'])('takes %s', (type) => {
  expect(() => assertEventType(type)).not.toThrow();
});

it.each(['', 'a'.repeat(129), '$', '$reply', undefined, 7])('refuses %j', (type) => {
  expect(() => assertEventType(type as string)).toThrow(TypeError);
});
