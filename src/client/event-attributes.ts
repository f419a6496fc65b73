import { type StandardEvents, TypedEventTarget } from './client-events.ts';

export type EventAttribute<Type extends keyof StandardEvents> =
  | ((event: StandardEvents[Type]) => unknown)
  | null;

interface Attribute {
  readonly handler: (event: never) => unknown;
  readonly listener: (event: Event) => void;
}

/** The attributes `onopen`, `onmessage`, `onerror` and `onclose`, beside the listeners. */
export class EventAttributes extends TypedEventTarget {
  readonly #attributes = new Map<string, Attribute>();

  get onopen(): EventAttribute<'open'> {
    return this.#get('open');
  }

  set onopen(handler: EventAttribute<'open'>) {
    this.#set('open', handler);
  }

  get onmessage(): EventAttribute<'message'> {
    return this.#get('message');
  }

  set onmessage(handler: EventAttribute<'message'>) {
    this.#set('message', handler);
  }

  get onerror(): EventAttribute<'error'> {
    return this.#get('error');
  }

  set onerror(handler: EventAttribute<'error'>) {
    this.#set('error', handler);
  }

  get onclose(): EventAttribute<'close'> {
    return this.#get('close');
  }

  set onclose(handler: EventAttribute<'close'>) {
    this.#set('close', handler);
  }

  #get<Type extends keyof StandardEvents>(type: Type): EventAttribute<Type> {
    return (this.#attributes.get(type)?.handler as EventAttribute<Type>) ?? null;
  }

  #set(type: string, handler: ((event: never) => unknown) | null): void {
    const before = this.#attributes.get(type);
    if (before) this.removeEventListener(type, before.listener);
    this.#attributes.delete(type);
    if (typeof handler !== 'function') return;
    // A function of its own: the handler may be added as a listener besides.
    const listener = (event: Event): void => void handler.call(this, event as never);
    this.addEventListener(type, listener);
    this.#attributes.set(type, { handler, listener });
  }
}
