import { EventEmitter } from 'node:events';

/** Whatever an EventEmitter takes as a listener. */
type AnyListener = Parameters<EventEmitter['on']>[1];

/**
 * An EventEmitter that knows its events: a listener's parameters have the types of `Events`, a map from names to
 * arguments. Other names, and listeners that say something else of their parameters, pass as with any EventEmitter,
 * since programs written with `@types/ws` rely on that.
 */
export interface TypedEmitter<Events extends { [Name in keyof Events]: unknown[] }> extends EventEmitter {
  on<Name extends keyof Events>(event: Name, listener: (this: this, ...args: Events[Name]) => void): this;
  on(event: string | symbol, listener: AnyListener): this;
  once<Name extends keyof Events>(event: Name, listener: (this: this, ...args: Events[Name]) => void): this;
  once(event: string | symbol, listener: AnyListener): this;
  off<Name extends keyof Events>(event: Name, listener: (this: this, ...args: Events[Name]) => void): this;
  off(event: string | symbol, listener: AnyListener): this;
  addListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  addListener(event: string | symbol, listener: AnyListener): this;
  removeListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  removeListener(event: string | symbol, listener: AnyListener): this;
  prependListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  prependListener(event: string | symbol, listener: AnyListener): this;
  prependOnceListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  prependOnceListener(event: string | symbol, listener: AnyListener): this;
}

/** The class of node:events, to be extended. */
export const TypedEmitter = EventEmitter as unknown as {
  new <Events extends { [Name in keyof Events]: unknown[] }>(): TypedEmitter<Events>;
};
