import { expect, it } from 'vitest';
import { statusOf } from '../../src/react/connection-status.ts';

it('is closed without a connection, and connecting before there is one', () => {
  expect([statusOf(null), statusOf({ state: 'idle' }), statusOf({ state: 'reconnecting' })]).toEqual([
    'closed',
    'connecting',
    'reconnecting',
  ]);
});
