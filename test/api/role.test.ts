import { expect, it } from 'vitest';
import { roleOf } from '../../src/api/role.ts';

it.each([
  [true, 'server'],
  [false, 'client'],
])('a WebSocket whose _isServer is %s is a %s', (_isServer, role) => {
  expect(roleOf({ _isServer })).toBe(role);
});
