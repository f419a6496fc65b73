import type { Member } from '../hub/adapter.ts';
import type { PresenceChange } from '../hub/presence-message.ts';
import { inChunks } from './in-chunks.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { ENTER, EXIT, READ_MEMBERS } from './redis-script.ts';

export interface MembersHost {
  readonly nodeId: string;
  /** How long a list lives that no node refreshes, in milliseconds. */
  readonly lifeMs: number;
  /** Rejects when Redis is out of reach. */
  liveNodes(): Promise<ReadonlySet<string>>;
  /** Tells all members of a room who came or went, where nobody else does. */
  announce(room: string, change: PresenceChange): void;
}

/** One of this node. */
interface Own {
  readonly member: Member;
  /** Whether it may be on the list. */
  isWritten: boolean;
}

/** A member as Redis has it: `<node> <stamp> <JSON>`. */
interface Listed {
  readonly member: Member;
  readonly node: string;
  /** The beginning of its text, another one each time that it is written. */
  readonly stamp: string;
}

/** Whom to take off a list, as long as its text begins so. */
type Erased = readonly [id: string, beginning: string];

/** The lists of who is in which room. Those of nodes that died are taken off, and the room is told by the node that did it. */
export class RoomMembers {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #host: MembersHost;
  /** Those of this node. */
  readonly #own = new Map<string, Map<string, Own>>();
  /** Those of this node that went while Redis was out of reach, and may be on the lists. */
  readonly #missed = new Map<string, Set<string>>();
  #stamps = 0;

  constructor(link: RedisLink, keys: RedisKeys, host: MembersHost) {
    this.#link = link;
    this.#keys = keys;
    this.#host = host;
  }

  async enter(room: string, member: Member): Promise<void> {
    const own = this.#own.get(room) ?? new Map<string, Own>();
    this.#own.set(room, own);
    const entry = { member, isWritten: own.get(member.id)?.isWritten ?? false };
    own.set(member.id, entry);
    await this.#write(room, [entry]);
  }

  async exit(room: string, id: string): Promise<void> {
    const own = this.#own.get(room);
    const isWritten = own?.get(id)?.isWritten ?? false;
    own?.delete(id);
    if (own?.size === 0) this.#own.delete(room);
    if (isWritten) await this.#eraseOwn(room, [id]);
  }

  /** Another node has this socket now: what is on the lists is of that. */
  forget(id: string): void {
    for (const [room, own] of this.#own) if (own.delete(id) && own.size === 0) this.#own.delete(room);
  }

  /** Those of this node alone while Redis is out of reach. */
  async list(room: string): Promise<Member[]> {
    try {
      const texts = (await this.#link.run(READ_MEMBERS, [this.#keys.room(room).members], [])) as string[];
      const listed = texts.flatMap((text) => readListed(text) ?? []);
      // In this order: who is not among them now was not when it was written, or has written it anew since.
      const live = await this.#host.liveNodes();
      const dead = listed.filter(({ node }) => !live.has(node));
      void this.#eraseDead(room, dead);
      return listed.filter(({ node }) => live.has(node)).map(({ member }) => member);
    } catch {
      return [...(this.#own.get(room)?.values() ?? [])].map(({ member }) => member);
    }
  }

  /** Takes those of nodes that died off the lists of all rooms in which this node has somebody to tell. */
  async sweep(): Promise<void> {
    await inChunks([...this.#own.keys()], (room) => this.list(room));
  }

  /** Writes this node's members down, so that they are there and live on; tells of those whom nobody could be told of. */
  async refresh(): Promise<void> {
    const missed = [...this.#missed];
    this.#missed.clear();
    await inChunks(missed, async ([room, ids]) =>
      this.#tell(room, 'left', await this.#eraseOwn(room, [...ids])),
    );
    await inChunks([...this.#own], async ([room, own]) => {
      const joined = await this.#write(room, [...own.values()]);
      this.#tell(
        room,
        'joined',
        joined.flatMap((id) => own.get(id)?.member ?? []),
      );
    });
  }

  /** Returns the ids of those that were not on the list. */
  async #write(room: string, entries: readonly Own[]): Promise<string[]> {
    if (entries.length === 0 || !this.#link.isUp) return [];
    const beginning = `${this.#host.nodeId} ${++this.#stamps} `;
    for (const entry of entries) entry.isWritten = true;
    const args = entries.flatMap(({ member: { id, info } }) => [
      id,
      beginning + JSON.stringify({ id, info } satisfies Member),
    ]);
    return (await this.#run(ENTER, room, [String(this.#host.lifeMs), ...args])) ?? [];
  }

  /** Returns the ids of those that were on the list. */
  async #eraseOwn(room: string, ids: readonly string[]): Promise<string[]> {
    // Another node may have them by now.
    const erased = await this.#erase(
      room,
      ids.map((id) => [id, `${this.#host.nodeId} `]),
    );
    if (erased === undefined) this.#miss(room, ids);
    return erased ?? [];
  }

  async #eraseDead(room: string, dead: readonly Listed[]): Promise<void> {
    if (dead.length === 0) return;
    this.#tell(
      room,
      'left',
      (await this.#erase(
        room,
        dead.map(({ member, stamp }) => [member.id, stamp]),
      )) ?? [],
    );
  }

  #erase(room: string, erased: readonly Erased[]): Promise<string[] | undefined> {
    return this.#run(EXIT, room, erased.flat());
  }

  #miss(room: string, ids: readonly string[]): void {
    const missed = this.#missed.get(room) ?? new Set();
    this.#missed.set(room, missed);
    for (const id of ids) missed.add(id);
  }

  #tell<Kind extends keyof PresenceChange>(
    room: string,
    kind: Kind,
    who: NonNullable<PresenceChange[Kind]>,
  ): void {
    if (who.length > 0) this.#host.announce(room, { [kind]: who });
  }

  /** Returns `undefined` when Redis is out of reach: what is there then is written when it is back. */
  async #run(script: typeof ENTER, room: string, args: readonly string[]): Promise<string[] | undefined> {
    try {
      return (await this.#link.run(script, [this.#keys.room(room).members], args)) as string[];
    } catch {
      return undefined;
    }
  }
}

/** Reads a member; `undefined` for what is none, such as what other versions write. */
function readListed(text: string): Listed | undefined {
  const [stamp, node] = /^(\S+) \d+ /.exec(text) ?? [];
  if (stamp === undefined || node === undefined) return undefined;
  const member = readMember(text.slice(stamp.length));
  return member && { member, node, stamp };
}

function readMember(text: string): Member | undefined {
  try {
    const member = JSON.parse(text) as Partial<Member> | null;
    return typeof member?.id === 'string' ? (member as Member) : undefined;
  } catch {
    return undefined;
  }
}
