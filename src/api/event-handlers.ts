import type { EventEmitter } from 'node:events';
import { type EventMap, type EventType, getHandler, setHandler } from './event-target.ts';

/** The on* attributes of a WebSocket. */
export interface EventHandlers {
  onopen: ((event: EventMap['open']) => void) | null;
  onerror: ((event: EventMap['error']) => void) | null;
  onclose: ((event: EventMap['close']) => void) | null;
  onmessage: ((event: EventMap['message']) => void) | null;
}

const TYPES: readonly EventType[] = ['open', 'error', 'close', 'message'];

/** Gives a class's prototype the on* attributes, as accessors that can be listed (WHATWG WebSockets §3.1). */
export function defineEventHandlers(prototype: EventEmitter): void {
  for (const type of TYPES) {
    Object.defineProperty(prototype, `on${type}`, {
      enumerable: true,
      configurable: true,
      get(this: EventEmitter) {
        return getHandler(this, type);
      },
      set(this: EventEmitter, handler: ((event: EventMap[typeof type]) => void) | null) {
        setHandler(this, type, handler);
      },
    });
  }
}
