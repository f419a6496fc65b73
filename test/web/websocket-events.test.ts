import { expect, expectTypeOf, it } from 'vitest';
import type { CloseEvent } from '../../src/web/index.ts';
import { WebSocket } from '../../src/web/index.ts';
import { TypedEventTarget } from '../../src/web/websocket-events.ts';

it('is EventTarget, with types', () => {
  expect(TypedEventTarget).toBe(EventTarget);
});

it('types the events of listeners', () => {
  const listen = (ws: WebSocket) => {
    ws.addEventListener('message', function (event) {
      expectTypeOf(event).toEqualTypeOf<MessageEvent>();
      expectTypeOf(this).toEqualTypeOf<WebSocket>();
    });
    ws.addEventListener('close', (event) => expectTypeOf(event).toEqualTypeOf<CloseEvent>(), { once: true });
    ws.addEventListener('other', (event) => expectTypeOf(event).toEqualTypeOf<Event>());
    ws.onclose = (event) => expectTypeOf(event.code).toEqualTypeOf<number>();
    expectTypeOf(ws).toExtend<EventTarget>();
  };
  expect(() => listen(new WebSocket('ws://localhost:1'))).not.toThrow();
});
