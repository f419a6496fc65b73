import {
  assertEventType,
  type Contract,
  type DataArguments,
  type HubClose,
  HubCloseCode,
  type OpenContract,
  type TypeIn,
} from '../wire/index.ts';
import type { MaybePromise } from './adapter.ts';
import type { EmitOptions, HubSocket } from './hub-socket.ts';

/** An event for a room. */
export interface RoomEvent {
  readonly type: string;
  readonly data: unknown;
  readonly except: readonly string[];
  readonly volatile: boolean;
}

/** What reaches the rooms of a namespace, on all nodes but for `socketsIn`. */
export interface RoomReach {
  send(room: string, event: RoomEvent): MaybePromise<void>;
  socketsIn(room: string): HubSocket[];
  ids(room: string): Promise<string[]>;
  close(room: string, close: Pick<HubClose, 'code' | 'meaning'>): Promise<void>;
  leave(room: string): Promise<void>;
}

/** A room as something to send to, and to ask. */
export class RoomTarget<C extends Contract = OpenContract, Context = unknown> {
  readonly #room: string;
  readonly #reach: RoomReach;
  readonly #except: readonly string[];

  /** @internal */
  constructor(room: string, reach: RoomReach, except: readonly string[] = []) {
    this.#room = room;
    this.#reach = reach;
    this.#except = except;
  }

  /** Leaves sockets out of what is sent, by themselves or by their ids. */
  except(...sockets: ReadonlyArray<HubSocket<C, Context> | string>): RoomTarget<C, Context> {
    const ids = sockets.map((socket) => (typeof socket === 'string' ? socket : socket.id));
    return new RoomTarget(this.#room, this.#reach, [...this.#except, ...ids]);
  }

  /**
   * Sends an event to all sockets of the room, on all nodes.
   *
   * @returns Settles when the event is in the room's log, for which it may have to wait; with {@link memoryAdapter} it has
   *   been sent when this returns. Rejects when it never will be there: with a {@link HubError} UNAVAILABLE, or what the
   *   adapter fails with. Who does not wait for it need not handle that.
   * @throws {TypeError} The type is one of the protocol's, or too long; or the data is no JSON.
   */
  emit<Type extends TypeIn<C['server']>>(
    type: Type,
    ...[data, options]: DataArguments<C['server'], Type, [options?: EmitOptions]>
  ): MaybePromise<void> {
    assertEventType(type);
    const volatile = options?.volatile ?? false;
    return this.#reach.send(this.#room, { type, data, except: this.#except, volatile });
  }

  /** The sockets of this node that are in the room. */
  sockets(): Array<HubSocket<C, Context>> {
    return this.#reach.socketsIn(this.#room) as unknown as Array<HubSocket<C, Context>>;
  }

  /** Lists the ids of the sockets in the room, of all nodes that answer. */
  ids(): Promise<string[]> {
    return this.#reach.ids(this.#room);
  }

  /**
   * Takes all sockets out of the room, on all nodes; those of clients that are away, too.
   *
   * @returns Settles when that is in the room's log, for which it may have to wait; the sockets of this node are out when this
   *   returns. Rejects when it never will be there, as {@link emit}: clients that are away come back to the room then.
   */
  leave(): Promise<void> {
    return this.#reach.leave(this.#room);
  }

  /** Closes the connections of all sockets in the room, on all nodes; by default for good. */
  close(close: Pick<HubClose, 'code' | 'meaning'> = HubCloseCode.NORMAL): Promise<void> {
    return this.#reach.close(this.#room, close);
  }
}
