import type { CloseEvent } from './close-event.ts';

/** The events of a WebSocket. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: Event;
  close: CloseEvent;
}

type AnyListener = Parameters<EventTarget['addEventListener']>[1];
type AddOptions = Parameters<EventTarget['addEventListener']>[2];
type RemoveOptions = Parameters<EventTarget['removeEventListener']>[2];
type Listener<This, Type extends keyof WebSocketEventMap> =
  | ((this: This, event: WebSocketEventMap[Type]) => unknown)
  | { handleEvent(event: WebSocketEventMap[Type]): unknown };

/** An EventTarget that knows which event comes with which type. */
export interface WebSocketEventTarget extends EventTarget {
  addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<this, Type> | null,
    options?: AddOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: AddOptions): void;
  removeEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<this, Type> | null,
    options?: RemoveOptions,
  ): void;
  removeEventListener(type: string, listener: AnyListener, options?: RemoveOptions): void;
}

/** EventTarget itself, with its listeners' events typed. */
export const TypedEventTarget = EventTarget as new () => WebSocketEventTarget;
