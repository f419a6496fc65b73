import { fastPathAllowed } from '../node/fast-path/allowed.ts';
import { reserveListeners } from '../node/fast-path/listener-slots.ts';
import type { BinaryType, DefaultBinaryType } from './binary-type.ts';
import type { EventHandlers } from './event-handlers.ts';
import { addListener, type EventMap, type EventType, type Listener, removeListener } from './event-target.ts';
import { TypedEmitter } from './typed-emitter.ts';
import type { WebSocketEvents } from './websocket-events.ts';

/**
 * The emitter and event target that a WebSocket is (WHATWG WebSockets §3.1), with room for the listeners that nearly
 * every one has. The states and the on* attributes are defined on the class that extends it.
 */
export class WebSocketEmitter<B extends BinaryType = DefaultBinaryType> extends TypedEmitter<
  WebSocketEvents<B>
> {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  declare onopen: EventHandlers['onopen'];
  declare onerror: EventHandlers['onerror'];
  declare onclose: EventHandlers['onclose'];
  declare onmessage: EventHandlers['onmessage'];

  /** @param fastPath - Whether Node's internals may be used; default true. */
  constructor(fastPath: boolean | undefined) {
    super();
    if (fastPathAllowed(fastPath)) reserveListeners(this);
  }

  /** Adds a listener for `open`, `message`, `close` or `error`; the same one is added once. */
  addEventListener<T extends EventType>(
    type: T,
    listener: Listener<EventMap[T]>,
    options: { once?: boolean } = {},
  ): void {
    addListener(this, type, listener, options.once ?? false);
  }

  /** Removes what `addEventListener` added. */
  removeEventListener<T extends EventType>(type: T, listener: Listener<EventMap[T]>): void {
    removeListener(this, type, listener);
  }

  /** The names of the events that have listeners. */
  override eventNames(): Array<string | symbol> {
    return super.eventNames().filter((name) => this.listenerCount(name) > 0);
  }
}
