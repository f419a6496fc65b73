import type { WebSocket } from '../index.ts';
import { compareOffsets, type Offset } from '../wire/index.ts';
import type { MaybePromise, RoomEntry } from './adapter.ts';
import type { HubSocket } from './hub-socket.ts';
import { roomFrame } from './room-frame.ts';

/** What a socket has got that is behind the others: what comes for it is held until it has been sent what it missed. */
type CatchUp =
  | {
      readonly held: RoomEntry[] /** Whether more came than is held: the oldest were dropped. */;
      overflowed: boolean;
    }
  /** It was sent everything up to here, which may be more than has come live: those it has got are skipped. */
  | { readonly sentTo: Offset };

/** The sockets of one node that are in a room. */
export class Room {
  readonly name: string;
  readonly key: string;
  /** Settled once messages of other nodes come. */
  readonly subscribed: MaybePromise<void>;
  readonly #maxHeld: number;
  /** With the connection of each beside it: who sends to thousands does not look for it in each socket. */
  readonly #live = new Map<HubSocket, WebSocket>();
  readonly #catchingUp = new Map<HubSocket, CatchUp>();

  /** @param maxHeld - How many messages are held for a socket that catches up. */
  constructor(name: string, key: string, subscribed: MaybePromise<void>, maxHeld: number) {
    this.name = name;
    this.key = key;
    this.subscribed = subscribed;
    this.#maxHeld = maxHeld;
  }

  get isEmpty(): boolean {
    return this.#live.size === 0 && this.#catchingUp.size === 0;
  }

  get sockets(): HubSocket[] {
    return [...this.#live.keys(), ...this.#catchingUp.keys()];
  }

  /** Takes a socket in, which gets what comes from now on. */
  add(socket: HubSocket): void {
    this.#live.set(socket, socket.connection);
  }

  /** Takes a socket in that is to get first what it missed: what comes is held until {@link release}. */
  hold(socket: HubSocket): void {
    this.#catchingUp.set(socket, { held: [], overflowed: false });
  }

  /**
   * Sends a socket what it missed, and then what came meanwhile.
   *
   * @param missed - What came after the place `after`, up to which the client has everything.
   */
  release(socket: HubSocket, after: Offset, missed: readonly RoomEntry[]): void {
    const catchUp = this.#catchingUp.get(socket);
    if (catchUp === undefined || !('held' in catchUp)) return;
    let sentTo = after;
    const send = (entry: RoomEntry): void => {
      if (isBehind(entry, sentTo)) this.#send(socket, entry);
      sentTo = furthest(sentTo, entry);
    };
    missed.forEach(send);
    if (catchUp.overflowed) this.#tellGap(socket);
    catchUp.held.forEach(send);
    this.#catchingUp.set(socket, { sentTo });
  }

  delete(socket: HubSocket): void {
    this.#live.delete(socket);
    this.#catchingUp.delete(socket);
  }

  /** Sends a message to all that are in. */
  deliver(entry: RoomEntry): void {
    if (this.#live.size > 0) this.#broadcast(entry);
    for (const [socket, catchUp] of this.#catchingUp) {
      if ('held' in catchUp) this.#hold(catchUp, entry);
      else this.#deliverBehind(socket, catchUp.sentTo, entry);
    }
  }

  /** Tells all that are in that messages were lost for them. */
  gap(): void {
    for (const socket of this.sockets) this.#tellGap(socket);
  }

  #broadcast(entry: RoomEntry): void {
    const { except, volatile } = entry;
    const frame = roomFrame(this.name, entry);
    for (const [socket, connection] of this.#live) {
      if (except.length > 0 && except.includes(socket.id)) continue;
      if (volatile && connection.writableNeedDrain) continue;
      if (connection.readyState === connection.OPEN) connection.send(frame);
    }
  }

  #hold(catchUp: { held: RoomEntry[]; overflowed: boolean }, entry: RoomEntry): void {
    if (entry.volatile) return;
    catchUp.held.push(entry);
    if (catchUp.held.length <= this.#maxHeld) return;
    catchUp.held.shift();
    catchUp.overflowed = true;
  }

  #deliverBehind(socket: HubSocket, sentTo: Offset, entry: RoomEntry): void {
    if (!isBehind(entry, sentTo)) return;
    this.#send(socket, entry);
    if (entry.offset === undefined) return;
    this.#catchingUp.delete(socket);
    this.#live.set(socket, socket.connection);
  }

  #send(socket: HubSocket, entry: RoomEntry): void {
    if (!entry.except.includes(socket.id)) socket.deliver(roomFrame(this.name, entry), entry.volatile);
  }

  #tellGap(socket: HubSocket): void {
    socket.send({ type: '$gap', data: { room: this.name } });
  }
}

/** Whether an entry comes behind a place; what is in no log comes behind all. */
function isBehind({ offset }: RoomEntry, place: Offset): boolean {
  return offset === undefined || compareOffsets(offset, place) > 0;
}

function furthest(place: Offset, entry: RoomEntry): Offset {
  return entry.offset !== undefined && isBehind(entry, place) ? entry.offset : place;
}
