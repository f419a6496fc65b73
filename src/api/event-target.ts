import type { EventEmitter } from 'node:events';
import type { RawData } from './binary-type.ts';
import type { WebSocket } from './websocket.ts';

// Symbols, not private fields: the getters of a prototype may be read, as whatever prints objects does.
const TYPE = Symbol('type');
const TARGET = Symbol('target');
const DATA = Symbol('data');
const CODE = Symbol('code');
const REASON = Symbol('reason');
const WAS_CLEAN = Symbol('wasClean');
const ERROR = Symbol('error');
const MESSAGE = Symbol('message');

/** What `addEventListener` and the on* handlers get. The fields are getters on the prototypes, as in browsers. */
export class Event {
  readonly [TYPE]: string;
  [TARGET]: EventEmitter | null = null;

  constructor(type: string) {
    this[TYPE] = type;
  }

  get type(): string {
    return this[TYPE];
  }

  get target(): EventEmitter | null {
    return this[TARGET];
  }
}

export class MessageEvent extends Event {
  readonly [DATA]: unknown;

  constructor(type: string, { data = null }: { data?: unknown } = {}) {
    super(type);
    this[DATA] = data;
  }

  /** A string for a text message, else what `binaryType` says. */
  get data(): unknown {
    return this[DATA];
  }
}

export class CloseEvent extends Event {
  readonly [CODE]: number;
  readonly [REASON]: string;
  readonly [WAS_CLEAN]: boolean;

  constructor(
    type: string,
    { code = 0, reason = '', wasClean = false }: { code?: number; reason?: string; wasClean?: boolean } = {},
  ) {
    super(type);
    this[CODE] = code;
    this[REASON] = reason;
    this[WAS_CLEAN] = wasClean;
  }

  get code(): number {
    return this[CODE];
  }

  get reason(): string {
    return this[REASON];
  }

  /** Whether Close frames went both ways. */
  get wasClean(): boolean {
    return this[WAS_CLEAN];
  }
}

export class ErrorEvent extends Event {
  readonly [ERROR]: Error | null;
  readonly [MESSAGE]: string;

  constructor(type: string, { error = null, message = '' }: { error?: Error | null; message?: string } = {}) {
    super(type);
    this[ERROR] = error;
    this[MESSAGE] = message;
  }

  get error(): Error | null {
    return this[ERROR];
  }

  get message(): string {
    return this[MESSAGE];
  }
}

for (const [eventClass, names] of [
  [Event, ['type', 'target']],
  [MessageEvent, ['data']],
  [CloseEvent, ['code', 'reason', 'wasClean']],
  [ErrorEvent, ['error', 'message']],
] as const) {
  for (const name of names) Object.defineProperty(eventClass.prototype, name, { enumerable: true });
}

/** An event as a listener gets it. */
type Told<Fields = unknown> = Readonly<Fields & { type: string; target: WebSocket }>;

/** The events that a WebSocket has in browsers. */
export interface EventMap {
  open: Told;
  message: Told<{ data: string | RawData }>;
  close: Told<{ code: number; reason: string; wasClean: boolean }>;
  error: Told<{ error: NodeJS.ErrnoException; message: string }>;
}

export type EventType = keyof EventMap;

export type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

/** How a listener came to be on the emitter: by `addEventListener`, or as an on* handler. */
type Kind = 'listener' | 'handler';

type EmitterListener = (...args: never[]) => void;

interface Wrapped extends EmitterListener {
  readonly original: Listener<never>;
  readonly kind: Kind;
}

const wrappers = new WeakMap<EmitterListener, Wrapped>();

/** Adds `listener` once, unless it was added before; types that a WebSocket does not have are ignored. */
export function addListener<T extends EventType>(
  target: EventEmitter,
  type: T,
  listener: Listener<EventMap[T]>,
  once: boolean,
): void {
  if (!isEventType(type) || find(target, type, 'listener', listener) !== undefined) return;
  attach(target, type, listener, 'listener', once);
}

/** Removes what {@link addListener} added. */
export function removeListener<T extends EventType>(
  target: EventEmitter,
  type: T,
  listener: Listener<EventMap[T]>,
): void {
  const found = find(target, type, 'listener', listener);
  if (found !== undefined) target.removeListener(type, found);
}

/** Returns the on* handler of a type, or `null`. */
export function getHandler<T extends EventType>(
  target: EventEmitter,
  type: T,
): ((event: EventMap[T]) => void) | null {
  const found = find(target, type, 'handler');
  return found === undefined
    ? null
    : (wrappers.get(found as EmitterListener)!.original as (event: EventMap[T]) => void);
}

/** Replaces the on* handler of a type; what is not a function removes it. */
export function setHandler<T extends EventType>(
  target: EventEmitter,
  type: T,
  handler: ((event: EventMap[T]) => void) | null | undefined,
): void {
  const found = find(target, type, 'handler');
  if (found !== undefined) target.removeListener(type, found);
  if (typeof handler === 'function') attach(target, type, handler, 'handler', false);
}

function isEventType(type: string): type is EventType {
  return type === 'open' || type === 'message' || type === 'close' || type === 'error';
}

function find(
  target: EventEmitter,
  type: EventType,
  kind: Kind,
  original?: unknown,
): ((...args: unknown[]) => void) | undefined {
  return target.listeners(type).find((candidate) => {
    const wrapped = wrappers.get(candidate as EmitterListener);
    return wrapped?.kind === kind && (original === undefined || wrapped.original === original);
  }) as ((...args: unknown[]) => void) | undefined;
}

function attach<T extends EventType>(
  target: EventEmitter,
  type: T,
  original: Listener<EventMap[T]>,
  kind: Kind,
  once: boolean,
): void {
  const listener = (...args: unknown[]): void => {
    const created = createEvent(target, type, args);
    created[TARGET] = target;
    const event = created as Event & EventMap[T];
    if (typeof original === 'function') original.call(target, event);
    else original.handleEvent(event);
  };
  wrappers.set(listener, Object.assign(listener, { original, kind }) as unknown as Wrapped);
  if (once) target.once(type, listener);
  else target.on(type, listener);
}

function createEvent(target: EventEmitter, type: EventType, args: unknown[]): Event {
  if (type === 'message') {
    const [data, isBinary] = args as [Buffer, boolean];
    return new MessageEvent(type, { data: isBinary ? data : data.toString() });
  }
  if (type === 'close') {
    const [code, reason] = args as [number, Buffer];
    return new CloseEvent(type, { code, reason: reason.toString(), wasClean: wasClean(target) });
  }
  if (type === 'error') {
    const [error] = args as [Error];
    return new ErrorEvent(type, { error, message: error.message });
  }
  return new Event(type);
}

/** Tells whether Close frames went both ways; set by the WebSocket that emits 'close'. */
const cleanlyClosed = new WeakSet<EventEmitter>();

/** Notes that Close frames went both ways on `target`. */
export function markCleanlyClosed(target: EventEmitter): void {
  cleanlyClosed.add(target);
}

function wasClean(target: EventEmitter): boolean {
  return cleanlyClosed.has(target);
}
