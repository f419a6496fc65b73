import { exposeInterface } from './idl-interface.ts';

interface MessageEventClass {
  new (type: string, init?: { data?: unknown; origin?: string }): MessageEvent;
  readonly prototype: MessageEvent;
}

/** A MessageEvent with the right name: that of Node 20 shows itself as an Event. */
export const NamedMessageEvent: MessageEventClass = named(globalThis.MessageEvent);

function named(Global: MessageEventClass): MessageEventClass {
  if (Object.hasOwn(Global.prototype, Symbol.toStringTag)) return Global;
  const Named = class extends Global {};
  exposeInterface(Named, 'MessageEvent', []);
  return Named;
}
