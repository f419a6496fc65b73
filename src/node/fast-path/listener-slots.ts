import { EventEmitter } from 'node:events';

/** What an emitter of Node keeps of its listeners: one, or an array of several, by the names of their events. */
interface Listeners {
  _events: object;
}

/**
 * Names that nearly every WebSocket has a listener to. As fields they cost a third of what they cost in the dictionary
 * that Node begins with.
 */
class Slots {
  readonly message = undefined;
  readonly close = undefined;
  readonly error = undefined;
}

// An event may have any name: those that objects inherit too.
Object.setPrototypeOf(Slots.prototype, null);
Reflect.deleteProperty(Slots.prototype, 'constructor');

let known: boolean | undefined;

/**
 * Makes room for the listeners of a new emitter, where Node keeps them as we know it. Names without listeners are among its
 * `eventNames` then.
 */
export function reserveListeners(emitter: EventEmitter): void {
  known ??= isKnown();
  if (known) (emitter as unknown as Listeners)._events = new Slots();
}

/** Whether a listener is found where it is looked for, in an object that was empty. */
function isKnown(): boolean {
  const probe = new EventEmitter();
  const { _events: events } = probe as unknown as Partial<Listeners>;
  if (events === undefined || Reflect.ownKeys(events).length > 0) return false;
  const listener = (): void => {};
  probe.on('message', listener);
  return Reflect.get(events, 'message') === listener;
}
