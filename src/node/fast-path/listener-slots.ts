import { EventEmitter } from 'node:events';

type Listener = (this: EventEmitter, ...args: unknown[]) => unknown;

/** What an emitter of Node keeps of its listeners: one, or an array of several, by the names of their events. */
interface Listeners {
  _events: object;
}

/**
 * Names that nearly every WebSocket has a listener to. As fields they cost a third of what they cost in the dictionary
 * that Node begins with.
 */
class Slots {
  readonly message: Listener | Listener[] | undefined = undefined;
  readonly close = undefined;
  readonly error = undefined;
}

// An event may have any name: those that objects inherit too.
Object.setPrototypeOf(Slots.prototype, null);
Reflect.deleteProperty(Slots.prototype, 'constructor');

/** Node's own, unless somebody was here first. */
const { emit } = EventEmitter.prototype;

let known: boolean | undefined;

/**
 * Makes room for the listeners of a new emitter, where Node keeps them as we know it. Names without listeners are among its
 * `eventNames` then.
 */
export function reserveListeners(emitter: EventEmitter): void {
  known ??= isKnown();
  // What its listeners return is looked at by `emit` alone.
  if (known && !EventEmitter.captureRejections) (emitter as unknown as Listeners)._events = new Slots();
}

/**
 * Emits 'message'. A single listener is called as `emit` would call it, which spends more on getting there than some
 * listeners take; several, and an emitter whose `emit` is not Node's or is to catch rejections, are left to `emit`.
 */
export function emitMessage(emitter: EventEmitter, data: unknown, isBinary: boolean): void {
  const { _events: events } = emitter as unknown as Listeners;
  if (emitter.emit === emit && events instanceof Slots && typeof events.message === 'function') {
    events.message.call(emitter, data, isBinary);
  } else {
    emitter.emit('message', data, isBinary);
  }
}

/** Whether a listener is found where it is looked for, in an object that was empty. */
function isKnown(): boolean {
  // That of node:domain, for one, does more than to call listeners.
  if (!String(emit).includes('_events')) return false;
  const probe = new EventEmitter();
  const { _events: events } = probe as unknown as Partial<Listeners>;
  if (events === undefined || Reflect.ownKeys(events).length > 0) return false;
  const listener = (): void => {};
  probe.on('message', listener);
  return Reflect.get(events, 'message') === listener;
}
