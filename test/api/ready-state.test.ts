import { expect, it } from 'vitest';
import {
  CLOSED,
  CLOSING,
  CONNECTING,
  defineStates,
  notOpenError,
  OPEN,
  STATE_NAMES,
} from '../../src/api/ready-state.ts';

it('numbers the states as WHATWG does', () => {
  expect([CONNECTING, OPEN, CLOSING, CLOSED].map((state) => STATE_NAMES[state])).toEqual([...STATE_NAMES]);
});

it('defines constants', () => {
  const target = {};
  defineStates(target);
  expect(target).toEqual({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
  expect(Object.getOwnPropertyDescriptor(target, 'OPEN')).toMatchObject({
    writable: false,
    configurable: false,
  });
});

it('says why nothing can be sent, as ws does', () => {
  expect(notOpenError(CLOSING).message).toBe('WebSocket is not open: readyState 2 (CLOSING)');
});
