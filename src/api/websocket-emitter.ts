import { fastPathAllowed } from '../node/fast-path/allowed.ts';
import { reserveListeners } from '../node/fast-path/listener-slots.ts';
import type { BinaryType, DefaultBinaryType } from './binary-type.ts';
import { TypedEmitter } from './typed-emitter.ts';
import type { WebSocketEvents } from './websocket-events.ts';

/** The emitter that a WebSocket is, with room for the listeners that nearly every one has. */
export class WebSocketEmitter<B extends BinaryType = DefaultBinaryType> extends TypedEmitter<
  WebSocketEvents<B>
> {
  /** @param fastPath - Whether Node's internals may be used; default true. */
  constructor(fastPath: boolean | undefined) {
    super();
    if (fastPathAllowed(fastPath)) reserveListeners(this);
  }

  /** The names of the events that have listeners. */
  override eventNames(): Array<string | symbol> {
    return super.eventNames().filter((name) => this.listenerCount(name) > 0);
  }
}
