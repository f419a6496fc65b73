import { expect, it, onTestFinished, vi } from 'vitest';
import { emitSafely, surface } from '../../src/api/surface.ts';
import { WebSocket } from '../../src/index.ts';

/** Collects what is thrown at the end of this turn. */
function thrown(act: () => void): unknown[] {
  const calls: Array<() => void> = [];
  const spy = vi.spyOn(process, 'nextTick').mockImplementation((call) => void calls.push(call as () => void));
  onTestFinished(() => spy.mockRestore());
  act();
  spy.mockRestore();
  return calls.flatMap((call) => {
    try {
      call();
      return [];
    } catch (error) {
      return [error];
    }
  });
}

it('throws outside of the call', () => {
  const error = new Error('of the application');
  expect(thrown(() => surface(error))).toEqual([error]);
});

it('emits, and lets what a listener throws surface', () => {
  const ws = new WebSocket(null);
  const error = new Error('of a listener');
  const told: unknown[] = [];
  ws.on('ping', (payload) => told.push(payload));
  ws.on('ping', () => {
    throw error;
  });
  const payload = Buffer.from('a');
  expect(thrown(() => emitSafely(ws, 'ping', payload))).toEqual([error]);
  expect(told).toEqual([payload]);
});
