import { reportHubRoomClose, reportHubRoomOpen } from '../diagnostics/hub-reports.ts';
import { EVERYBODY, type Offset, START } from '../wire/index.ts';
import { type Adapter, EMPTIED, roomKey } from './adapter.ts';
import type { HubSocket } from './hub-socket.ts';
import { Room } from './room.ts';

/** A socket that is back in a room. */
export interface Rejoined {
  /** The place behind which everything comes now. */
  readonly offset: Offset;
  /** Whether messages are missing. */
  readonly gap: boolean;
  /** Sends it what it missed, and then what came meanwhile. */
  release(): void;
}

/** The rooms of a namespace that have sockets on this node. */
export class Rooms {
  readonly #path: string;
  readonly #adapter: Adapter;
  readonly #maxHeld: number;
  readonly #rooms = new Map<string, Room>();

  /** @param maxHeld - How many messages of a room are held for a socket that catches up. */
  constructor(path: string, adapter: Adapter, maxHeld: number) {
    this.#path = path;
    this.#adapter = adapter;
    this.#maxHeld = maxHeld;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /**
   * Puts a socket into a room, and returns the place in its log behind which everything comes. Rejects with what the
   * adapter fails with; the socket is not in the room then.
   */
  async join(socket: HubSocket, name: string): Promise<Offset> {
    const room = this.#open(name);
    room.add(socket);
    return this.#orLeave(socket, room, async () => this.#adapter.head(room.key));
  }

  /**
   * Puts a socket back into a room.
   *
   * @param after - The place behind the last message that the client got. Rejects as {@link join}.
   */
  async rejoin(socket: HubSocket, name: string, after: Offset): Promise<Rejoined> {
    const room = this.#open(name);
    room.hold(socket);
    return this.#orLeave(socket, room, async () => {
      const { entries, complete } = await this.#adapter.entriesAfter(room.key, after);
      // Where messages are missing, the log may be another one: its places say nothing of those of before.
      const lost = entries.length > 0 ? START : await this.#adapter.head(room.key);
      const offset = complete ? after : lost;
      const missed = entries.filter(({ type }) => type !== EMPTIED);
      return { offset, gap: !complete, release: () => room.release(socket, offset, missed) };
    });
  }

  leave(socket: HubSocket, name: string): void {
    const room = this.#rooms.get(name);
    if (room !== undefined) this.#leave(socket, room);
  }

  /** Does what needs the room to be subscribed to. */
  async #orLeave<T>(socket: HubSocket, room: Room, work: () => Promise<T>): Promise<T> {
    try {
      await room.subscribed;
      return await work();
    } catch (error) {
      this.#leave(socket, room);
      throw error;
    }
  }

  #leave(socket: HubSocket, room: Room): void {
    room.delete(socket);
    // One of the same name may have been opened since.
    if (!room.isEmpty || this.#rooms.get(room.name) !== room) return;
    this.#rooms.delete(room.name);
    if (room.name !== EVERYBODY) reportHubRoomClose(room.name, this.#path);
    this.#adapter.unsubscribe(room.key);
  }

  #open(name: string): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      const key = roomKey(this.#path, name);
      room = new Room(name, key, this.#adapter.subscribe(key), this.#maxHeld);
      this.#rooms.set(name, room);
      if (name !== EVERYBODY) reportHubRoomOpen(name, this.#path);
    }
    return room;
  }
}
