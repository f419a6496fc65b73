import type { Member } from '../hub/adapter.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { ENTER, EXIT, READ_MEMBERS } from './redis-script.ts';

/** A member as Redis has it. */
interface Listed extends Member {
  readonly node: string;
}

/** The lists of who is in which room. Those of nodes that died are left out. */
export class RoomMembers {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #nodeId: string;
  readonly #lifeMs: number;
  readonly #liveNodes: () => Promise<ReadonlySet<string>>;
  /** Those of this node. */
  readonly #own = new Map<string, Map<string, Member>>();

  /** @param lifeMs - How long a list lives that no node refreshes. */
  constructor(
    link: RedisLink,
    keys: RedisKeys,
    nodeId: string,
    lifeMs: number,
    liveNodes: () => Promise<ReadonlySet<string>>,
  ) {
    this.#link = link;
    this.#keys = keys;
    this.#nodeId = nodeId;
    this.#lifeMs = lifeMs;
    this.#liveNodes = liveNodes;
  }

  async enter(room: string, member: Member): Promise<void> {
    const own = this.#own.get(room) ?? new Map<string, Member>();
    own.set(member.id, member);
    this.#own.set(room, own);
    await this.#write(room, [member]);
  }

  async exit(room: string, id: string): Promise<void> {
    const own = this.#own.get(room);
    own?.delete(id);
    if (own?.size === 0) this.#own.delete(room);
    await this.#erase(room, [id]);
  }

  /** Those of this node alone while Redis is out of reach. */
  async list(room: string): Promise<Member[]> {
    try {
      const texts = (await this.#link.run(READ_MEMBERS, [this.#keys.room(room).members], [])) as string[];
      const listed = texts.map((text) => JSON.parse(text) as Listed);
      const live = await this.#liveNodes();
      const dead = listed.filter(({ node }) => !live.has(node)).map(({ id }) => id);
      if (dead.length > 0) void this.#erase(room, dead);
      return listed.filter(({ node }) => live.has(node)).map(({ id, info }) => ({ id, info }));
    } catch {
      return [...(this.#own.get(room)?.values() ?? [])];
    }
  }

  /** Writes this node's members down, so that they are there and live on. */
  async refresh(): Promise<void> {
    for (const [room, members] of [...this.#own]) await this.#write(room, [...members.values()]);
  }

  async #write(room: string, members: readonly Member[]): Promise<void> {
    const listed = members.map(({ id, info }): Listed => ({ id, info, node: this.#nodeId }));
    const args = listed.flatMap((member) => [member.id, JSON.stringify(member)]);
    await this.#run(ENTER, room, [String(this.#lifeMs), ...args]);
  }

  async #erase(room: string, ids: readonly string[]): Promise<void> {
    await this.#run(EXIT, room, ids);
  }

  async #run(script: typeof ENTER, room: string, args: readonly string[]): Promise<void> {
    try {
      await this.#link.run(script, [this.#keys.room(room).members], args);
    } catch {
      // What is there now is written when Redis is back.
    }
  }
}
