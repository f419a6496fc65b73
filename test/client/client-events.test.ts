import { expect, it } from 'vitest';
import { isLifecycle, TypedEventTarget } from '../../src/client/client-events.ts';

it('knows what is told of the connection from what comes over it', () => {
  const types = ['connected', 'disconnected', 'reconnecting', 'maxRetriesReached', 'dropped', 'state'];
  expect(types.filter((type) => !isLifecycle(type))).toEqual([]);
  expect(['chat', 'message', 'toString', '__proto__'].filter(isLifecycle)).toEqual([]);
});

it('is the EventTarget of the platform', () => {
  expect(TypedEventTarget).toBe(EventTarget);
});
