const { addEventListener, removeEventListener } = EventTarget.prototype;

/** An event handler attribute (https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers). */
export class EventHandler {
  readonly #target: EventTarget;
  readonly #type: string;
  #value: object | null = null;

  constructor(target: EventTarget, type: string) {
    this.#target = target;
    this.#type = type;
  }

  get value(): object | null {
    return this.#value;
  }

  /** What is no object counts as null. A handler keeps its place among the listeners until it is set to null. */
  set value(value: unknown) {
    const before = this.#value;
    this.#value = isObject(value) ? value : null;
    if (before === null && this.#value !== null) {
      addEventListener.call(this.#target, this.#type, this.#listener);
    } else if (before !== null && this.#value === null) {
      removeEventListener.call(this.#target, this.#type, this.#listener);
    }
  }

  readonly #listener = (event: Event): void => {
    if (typeof this.#value !== 'function') return;
    if (this.#value.call(this.#target, event) === false) event.preventDefault();
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}
