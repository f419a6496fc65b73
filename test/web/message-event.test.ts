import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const init = { data: 'x', origin: 'ws://a' };

beforeEach(() => {
  vi.resetModules();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('is a MessageEvent, and shows itself as one', async () => {
  const { NamedMessageEvent } = await import('../../src/web/message-event.ts');
  const event = new NamedMessageEvent('message', init);
  expect(event).toBeInstanceOf(MessageEvent);
  expect(String(event)).toBe('[object MessageEvent]');
  expect(event.constructor.name).toBe('MessageEvent');
  expect(event).toMatchObject({ type: 'message', lastEventId: '', source: null, ...init });
});

it('is the global class where that has its name', async () => {
  class Right extends Event {
    get [Symbol.toStringTag](): string {
      return 'MessageEvent';
    }
  }
  vi.stubGlobal('MessageEvent', Right);
  const { NamedMessageEvent } = await import('../../src/web/message-event.ts');
  expect(NamedMessageEvent).toBe(Right);
});

it('is a class of its own where the global one has no name', async () => {
  class Nameless extends Event {}
  vi.stubGlobal('MessageEvent', Nameless);
  const { NamedMessageEvent } = await import('../../src/web/message-event.ts');
  const event = new NamedMessageEvent('message');
  expect(String(event)).toBe('[object MessageEvent]');
  expect(event).toBeInstanceOf(Nameless);
});
