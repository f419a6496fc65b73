import { expect, it } from 'vitest';
import { assertRoom, isApplicationRoom } from '../../src/hub/room-name.ts';
import { EVERYBODY } from '../../src/wire/index.ts';

it.each(['a', 'r'.repeat(256), '__proto__', 'a#b', 'a$'])('takes %s', (room) => {
  expect(isApplicationRoom(room)).toBe(true);
  expect(() => assertRoom(room)).not.toThrow();
});

it.each(['', 'r'.repeat(257), EVERYBODY, '$', 7, null, undefined])('refuses %j', (room) => {
  expect(isApplicationRoom(room)).toBe(false);
  expect(() => assertRoom(room as string)).toThrow(TypeError);
});
