import { afterEach, expect, it, vi } from 'vitest';
import { makeEvent } from '../../src/client/make-event.ts';

afterEach(() => void vi.unstubAllGlobals());

it('makes events of the platform, where it has them', () => {
  const event = makeEvent('message', { data: 1, origin: 'ws://a' });
  expect(event).toBeInstanceOf(MessageEvent);
  expect(event).toMatchObject({ type: 'message', data: 1, origin: 'ws://a' });
});

it('takes a CloseEvent, and does without', () => {
  class CloseEvent extends Event {
    readonly code: number;
    constructor(type: string, { code }: { code: number }) {
      super(type);
      this.code = code;
    }
  }
  const close = { code: 1000, reason: 'r', wasClean: true };
  vi.stubGlobal('CloseEvent', CloseEvent);
  expect(makeEvent('close', close)).toBeInstanceOf(CloseEvent);
  vi.stubGlobal('CloseEvent', undefined);
  expect(makeEvent('close', close)).toMatchObject({ type: 'close', ...close });
});

it('gives other events their members', () => {
  const event = makeEvent('reconnecting', { attempt: 1 });
  expect(event).toBeInstanceOf(Event);
  expect([event.type, event.attempt]).toEqual(['reconnecting', 1]);
});
