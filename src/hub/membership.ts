import { compareOffsets, EVERYBODY, HubError, type Offset, START } from '../wire/index.ts';
import { type Adapter, type MaybePromise, type Member, roomKey, splitRoomKey } from './adapter.ts';
import type { HubSocket } from './hub-socket.ts';
import type { PresenceChange } from './presence-message.ts';
import { assertRoom } from './room-name.ts';
import type { Rejoined, Rooms } from './rooms.ts';
import type { Session } from './session.ts';

/** What a client that is back is told of a room. */
export type Resumed = Pick<Rejoined, 'offset' | 'gap'>;

/** A room of a session. */
interface SessionRoom {
  readonly name: string;
  readonly key: string;
  readonly joinedAt: Offset;
  /** Who was in it before is not any more. */
  readonly emptiedAt: Offset;
}

/** What a membership needs of its namespace. */
export interface MembershipHost {
  readonly path: string;
  readonly rooms: Rooms;
  readonly adapter: Adapter;
  /** Whether there are lists of members. */
  readonly keepsPresence: boolean;
  /** Returns what the list of members tells of a socket; `undefined` where it is not in it. */
  memberOf(socket: HubSocket, room: string): Member | undefined;
  /** Tells the members of a room who came or went. */
  announce(room: string, change: PresenceChange): void;
  /** Goes on with what the adapter does; a failure is the application's to know, and ends nothing. */
  attempt(work: () => MaybePromise<unknown>): void;
}

/** The rooms that one socket is in. */
export class Membership {
  readonly #host: MembershipHost;
  readonly #socket: HubSocket;
  readonly #session: Session | undefined;
  readonly #limit: number;
  readonly #names = new Set<string>();
  #over = false;

  /** @param limit - How many rooms it may be in. */
  constructor(host: MembershipHost, socket: HubSocket, session: Session | undefined, limit: number) {
    this.#host = host;
    this.#socket = socket;
    this.#session = session;
    this.#limit = limit;
  }

  /** Without the room that everybody is in. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Lets the socket be in the room of everybody. */
  async begin(): Promise<Offset> {
    return this.#enter(EVERYBODY);
  }

  /** Goes into a room by the application's will, and tells a client that keeps up with its rooms. */
  async join(room: string): Promise<void> {
    const offset = await this.enter(room);
    if (offset !== undefined && this.#session !== undefined) {
      this.#socket.send({ type: '$joined', data: { room, offset } });
    }
  }

  /** Goes out of a room by the application's will, and tells a client that keeps up with its rooms. */
  leave(room: string): void {
    if (this.exit(room) && this.#session !== undefined) {
      this.#socket.send({ type: '$left', data: { room } });
    }
  }

  /**
   * Goes into a room.
   *
   * @returns The place in its log behind which everything comes; `undefined` where the socket was in it already, or is gone.
   * @throws {TypeError} It is no name of a room. @throws {HubError} TOO_MANY_ROOMS, or what the adapter fails with.
   */
  async enter(room: string): Promise<Offset | undefined> {
    assertRoom(room);
    if (this.#over || this.#names.has(room)) return undefined;
    if (this.#names.size >= this.#limit) throw new HubError('TOO_MANY_ROOMS');
    this.#names.add(room);
    try {
      const offset = await this.#enter(room);
      this.#appear(room);
      return offset;
    } catch (error) {
      this.#names.delete(room);
      throw error;
    }
  }

  /** Goes out of a room; returns whether it was in. */
  exit(room: string): boolean {
    if (this.#over || !this.#names.delete(room)) return false;
    this.#host.rooms.leave(this.#socket, room);
    this.#host.attempt(() => this.#session?.deleteRoom(this.#key(room)));
    this.#disappear(room);
    return true;
  }

  /**
   * Goes back into the rooms of the session, but for those that were emptied since.
   *
   * @param offsets - How far the client says that it got in each; before it came it got nothing.
   * @returns What it is told of each, and what sends it what it missed.
   */
  async resume(
    session: Session,
    offsets: ReadonlyMap<string, Offset>,
  ): Promise<{ rooms: Record<string, Resumed>; release(): void }> {
    const rooms = await this.#roomsOf(session);
    for (const { name } of rooms) if (name !== EVERYBODY) this.#names.add(name);
    const back = await Promise.all(
      rooms.map(async ({ name, key, joinedAt, emptiedAt }) => {
        const after = later(offsets.get(name) ?? joinedAt, joinedAt);
        const rejoined = await this.#host.rooms.rejoin(this.#socket, name, after);
        if (rejoined.gap) this.#host.attempt(() => session.addRoom(key, later(rejoined.offset, emptiedAt)));
        return { name, ...rejoined };
      }),
    );
    for (const name of this.#names) this.#appear(name);
    return {
      rooms: Object.fromEntries(back.map(({ name, offset, gap }) => [name, { offset, gap }])),
      release: () => {
        for (const { release } of back) release();
      },
    };
  }

  /**
   * Goes out of all rooms, which the session keeps.
   *
   * @param replaced - Whether a newer connection of the same socket is in them, and in the lists of their members.
   */
  end({ replaced }: { replaced: boolean }): void {
    this.#over = true;
    for (const room of [...this.#names, EVERYBODY]) this.#host.rooms.leave(this.#socket, room);
    if (replaced) return;
    for (const room of this.#names) this.#disappear(room);
  }

  async #roomsOf(session: Session): Promise<SessionRoom[]> {
    const rooms = await Promise.all(
      [...session.rooms].map(async ([key, joinedAt]): Promise<SessionRoom> => {
        const emptiedAt = (await this.#host.adapter.emptiedAt(key)) ?? START;
        return { name: splitRoomKey(key)[1], key, joinedAt, emptiedAt };
      }),
    );
    return rooms.filter(({ key, joinedAt, emptiedAt }) => {
      const isIn = compareOffsets(emptiedAt, joinedAt) <= 0;
      if (!isIn) this.#host.attempt(() => session.deleteRoom(key));
      return isIn;
    });
  }

  async #enter(room: string): Promise<Offset> {
    const offset = await this.#host.rooms.join(this.#socket, room);
    // It may have gone, or left, while the room was being subscribed to.
    if (this.#isIn(room)) this.#host.attempt(() => this.#session?.addRoom(this.#key(room), offset));
    else this.#host.rooms.leave(this.#socket, room);
    return offset;
  }

  #isIn(room: string): boolean {
    return !this.#over && (room === EVERYBODY || this.#names.has(room));
  }

  #appear(room: string): void {
    const member = this.#isIn(room) ? this.#host.memberOf(this.#socket, room) : undefined;
    if (member === undefined) return;
    this.#host.attempt(() => this.#host.adapter.enter(this.#key(room), member));
    this.#host.announce(room, { joined: [member] });
  }

  #disappear(room: string): void {
    if (!this.#host.keepsPresence) return;
    this.#host.attempt(() => this.#host.adapter.exit(this.#key(room), this.#socket.id));
    this.#host.announce(room, { left: [this.#socket.id] });
  }

  #key(room: string): string {
    return roomKey(this.#host.path, room);
  }
}

function later(a: Offset, b: Offset): Offset {
  return compareOffsets(a, b) < 0 ? b : a;
}
