import { compareOffsets, type Offset, type WireMessage } from '../wire/index.ts';

/** What the hub says of a room when a client comes back. */
export interface RoomAtReturn {
  readonly offset: Offset;
  readonly gap: boolean;
}

interface Position {
  /** Behind the last message that came; `undefined` before the first one that has an offset. */
  offset: Offset | undefined;
  /** Whether the log may have begun anew, so that the next offset counts, whatever it is. */
  mayRestart: boolean;
}

/** How many messages without an offset are remembered: as many as a hub keeps of a room by default. */
const MAX_REMEMBERED = 1000;

/** How far the client got in each room that it is in, so that it misses nothing and gets nothing twice. */
export class RoomPositions {
  #positions = new Map<string, Position>();
  /** Of messages that came without an offset: the log may hold them later, and send them again. */
  readonly #remembered = new Set<string>();

  get names(): string[] {
    return [...this.#positions.keys()];
  }

  /** What the hub is told when the client comes back. */
  get offsets(): Record<string, Offset> {
    const known = [...this.#positions].filter(([, { offset }]) => offset !== undefined);
    return Object.fromEntries(known.map(([room, { offset }]) => [room, offset!]));
  }

  has(room: string): boolean {
    return this.#positions.has(room);
  }

  /** The client is in a room, and gets what comes behind `offset`; a message may have been faster. */
  enter(room: string, offset: Offset | undefined): void {
    if (offset !== undefined) this.#advance(room, offset);
    else this.#positionIn(room);
  }

  leave(room: string): void {
    this.#positions.delete(room);
  }

  /** Messages of a room were lost. */
  gap(room: string): void {
    this.#positionIn(room).mayRestart = true;
  }

  /** Takes over the rooms of a session that goes on, and returns those that the client is in no more. */
  resume(rooms: Readonly<Record<string, RoomAtReturn>>): string[] {
    const left = this.names.filter((name) => !Object.hasOwn(rooms, name));
    this.#positions = new Map(
      Object.entries(rooms).map(([room, { offset, gap }]) => [room, { offset, mayRestart: gap }]),
    );
    return left;
  }

  clear(): void {
    this.#positions.clear();
    this.#remembered.clear();
  }

  /** Notes a message; returns whether it is new. */
  accept({ room, offset, mid }: WireMessage): boolean {
    if (room === undefined) return true;
    if (offset === undefined) return mid === undefined || this.#remember(mid);
    const isAhead = this.#advance(room, offset);
    return isAhead && (mid === undefined || !this.#remembered.has(mid));
  }

  #advance(room: string, offset: Offset): boolean {
    const position = this.#positionIn(room);
    const { offset: before, mayRestart } = position;
    if (before !== undefined && !mayRestart && compareOffsets(offset, before) <= 0) return false;
    position.offset = offset;
    position.mayRestart = false;
    return true;
  }

  #positionIn(room: string): Position {
    let position = this.#positions.get(room);
    if (position === undefined) {
      position = { offset: undefined, mayRestart: false };
      this.#positions.set(room, position);
    }
    return position;
  }

  #remember(mid: string): boolean {
    if (this.#remembered.has(mid)) return false;
    this.#remembered.add(mid);
    if (this.#remembered.size > MAX_REMEMBERED) {
      for (const oldest of this.#remembered) {
        this.#remembered.delete(oldest);
        break;
      }
    }
    return true;
  }
}
