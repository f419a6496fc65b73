import { expect, it } from 'vitest';
import { isHubClientEvent } from '../../src/client/hub-client-events.ts';

it('knows what is told of the client from what the hub sends', () => {
  const names = ['connected', 'disconnected', 'reconnecting', 'maxRetriesReached', 'state', 'gap', 'joined'];
  const others = ['left', 'presence', 'refused', 'dropped', 'latency', 'attemptFailed'];
  expect([...names, ...others].filter((name) => !isHubClientEvent(name))).toEqual([]);
  expect(['said', 'constructor', '__proto__'].filter(isHubClientEvent)).toEqual([]);
});
